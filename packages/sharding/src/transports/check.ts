import { type Envelope, lastChannel, type Transport } from "./transport.ts";

/** @throws RangeError when a transfer names a rank or a channel that does not exist. */
export function checkTransfer(
  { rank, size }: Pick<Transport, "rank" | "size">,
  peer: number,
  envelope: Envelope,
): void {
  if (!Number.isInteger(peer) || peer < 0 || peer >= size || peer === rank) {
    throw new RangeError(`rank ${rank} of ${size} cannot exchange "${envelope.label}" with rank ${peer}`);
  }
  const { channel, label } = envelope;
  if (!Number.isInteger(channel) || channel < 0 || channel > lastChannel) {
    throw new RangeError(`channel ${channel} of "${label}" is not between 0 and ${lastChannel}`);
  }
}
