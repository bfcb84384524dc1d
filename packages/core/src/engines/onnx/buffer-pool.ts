/** Bytes that the pool holds at most: what a step of a large model makes and drops again, and no more. */
const mostBytes = 2 ** 30;

/** Buffers by size. A size that was used is moved to the end, so that the first is the one unused for longest. */
const free = new Map<number, ArrayBuffer[]>();
let bytesHeld = 0;

/** A buffer with unspecified contents: one that a disposed tensor of the same size left, so that a loop allocates nothing. */
export function takeBuffer(bytes: number): ArrayBuffer {
  const buffer = free.get(bytes)?.pop();
  if (!buffer) return new ArrayBuffer(bytes);
  bytesHeld -= bytes;
  return buffer;
}

/** Keeps a buffer for later; beyond the bound, the sizes that were unused for longest go to the garbage collector. */
export function recycleBuffer(buffer: ArrayBuffer): void {
  const bytes = buffer.byteLength;
  const same = free.get(bytes) ?? [];
  same.push(buffer);
  free.delete(bytes);
  free.set(bytes, same);
  bytesHeld += bytes;
  for (const [size, buffers] of free) {
    while (bytesHeld > mostBytes && buffers.pop()) bytesHeld -= size;
    if (bytesHeld <= mostBytes) return;
    free.delete(size);
  }
}
