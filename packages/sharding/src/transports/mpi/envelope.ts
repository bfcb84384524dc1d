import { createHash } from "node:crypto";

/**
 * What goes before the bytes of a message, and in one piece with them where they are few: the format's number, the length
 * of the label, the length of the message, the label. Both ends write the same for the same message, so the receiver
 * compares bytes.
 */
const formatNumber = 0x76737431;
const fixedBytes = 16;

/** Labels are shortened to this; two that differ still do. */
const labelBytes = 1536;

/** Messages of at most so many bytes travel within their envelope; longer ones follow it, from and to where they lie. */
export const inlineBytes = 2048;

/** Room for any envelope. */
export const envelopeBytes = 4032;

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/** The bytes of a label; a long one as its beginning, its end, and a hash of all. */
function labelText(label: string): Uint8Array {
  const text = encoder.encode(label);
  if (text.length <= labelBytes) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return encoder.encode(`${label.slice(0, 200)} … ${label.slice(-100)} (${hash})`);
}

/** Writes an envelope for a message of so many bytes, and returns its own length. */
export function writeEnvelope(memory: Uint8Array, label: string, bytes: number): number {
  const text = labelText(label);
  const view = new DataView(memory.buffer, memory.byteOffset);
  view.setUint32(0, formatNumber);
  view.setUint32(4, text.length);
  view.setFloat64(8, bytes);
  memory.set(text, fixedBytes);
  return fixedBytes + text.length;
}

/** What an envelope says. */
export function readEnvelope(memory: Uint8Array): { readonly label: string; readonly bytes: number } {
  const view = new DataView(memory.buffer, memory.byteOffset);
  if (view.getUint32(0) !== formatNumber) return { label: "a message of another version of vitscale", bytes: 0 };
  const length = view.getUint32(4);
  // A decoder takes no shared memory.
  const text = memory.slice(fixedBytes, fixedBytes + length);
  return { label: decoder.decode(new Uint8Array(text)), bytes: view.getFloat64(8) };
}
