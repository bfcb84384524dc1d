import type { Communicator } from "../communicator.ts";
import { lastChannel } from "../transports/transport.ts";

/** Beside those of programs, which count from 1, and of eager collectives: what is reported waits for neither. */
const channel = lastChannel;

/**
 * Tells rank 0 what this rank has to say (plain data), while programs go on; rank 0 gets what all have to say, by rank, and the others get
 * undefined. All ranks report on the same subjects in the same order, one at a time.
 *
 * @throws RankLostError or LateError naming the rank of which rank 0 hears nothing.
 */
export async function reportToFirst<Value>(
  { transport, rank }: Communicator,
  subject: string,
  own: Value,
): Promise<Value[] | undefined> {
  const [length, text] = [envelope(`length of ${subject}`), envelope(subject)];
  if (rank > 0) {
    const bytes = new TextEncoder().encode(JSON.stringify(own));
    const size = new Uint8Array(Int32Array.of(bytes.length).buffer);
    await Promise.all([transport.send(0, length, size).wait(), transport.send(0, text, bytes).wait()]);
    return undefined;
  }
  const hear = async (from: number): Promise<Value> => {
    const size = new Uint8Array(4);
    await transport.receive(from, length, size).wait();
    const bytes = new Uint8Array(new DataView(size.buffer).getInt32(0, true));
    await transport.receive(from, text, bytes).wait();
    return JSON.parse(new TextDecoder().decode(bytes)) as Value;
  };
  return Promise.all(Array.from({ length: transport.size }, (_, from) => (from === 0 ? own : hear(from))));
}

const envelope = (label: string) => ({ channel, label });
