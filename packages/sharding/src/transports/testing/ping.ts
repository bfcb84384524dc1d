import type { Transport } from "../transport.ts";

/** What the ranks of the test of threads do. */
export type Ping =
  | { readonly kind: "ring"; readonly rounds: number; readonly blocking: boolean }
  | { readonly kind: "disagree"; readonly labels: readonly string[] }
  | { readonly kind: "exit"; readonly rank: number }
  | { readonly kind: "leave"; readonly rank: number };

const bytesOf = (values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer);
const numbersOf = (bytes: Uint8Array) => [...new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8)];

/** Every rank hands a list round the ring and adds itself at each hop, or goes wrong as it is told. */
export async function run(transport: Transport, ping: Ping): Promise<number[]> {
  const { rank, size } = transport;
  const [next, previous] = [(rank + 1) % size, (rank + size - 1) % size];
  const label = ping.kind === "disagree" ? (ping.labels[rank] ?? "") : "hop";
  if (ping.kind === "exit" && ping.rank === rank) process.exit(3);
  if (ping.kind === "leave" && ping.rank === rank) {
    // What it sent before counts.
    transport.send(next, { channel: 0, label }, bytesOf([rank]));
    return [];
  }
  let list = [rank];
  for (let round = 0; round < (ping.kind === "ring" ? ping.rounds : 1); round++) {
    const arrived = new Uint8Array(8 * list.length);
    const sent = transport.send(next, { channel: 0, label }, bytesOf(list));
    const received = transport.receive(previous, { channel: 0, label }, arrived);
    for (const transfer of [sent, received]) {
      if (ping.kind === "ring" && ping.blocking) transfer.waitSync();
      else await transfer.wait();
    }
    list = [...numbersOf(arrived), rank];
  }
  return list;
}
