/**
 * FNV-1a of the UTF-8 bytes of a text, 64 bits as two words, high first.
 *
 * It spreads names over keys and protects against nothing else. Source: Fowler, Noll & Vo.
 */
export function hash64(text: string): [high: number, low: number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return [Number(hash >> 32n) | 0, Number(hash & 0xffffffffn) | 0];
}
