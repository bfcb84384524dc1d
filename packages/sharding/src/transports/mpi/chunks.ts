/** MPI counts elements with an `int`, so one message has at most 2³¹ − 1 bytes. Longer ones are sent as several of this size. */
export const maxChunkBytes = 2 ** 30;

/** The chunks of so many bytes, in order. */
export function* chunksOf(bytes: number, chunkBytes = maxChunkBytes): Generator<{ offset: number; length: number }> {
  for (let offset = 0; offset < bytes; offset += chunkBytes) {
    yield { offset, length: Math.min(chunkBytes, bytes - offset) };
  }
}
