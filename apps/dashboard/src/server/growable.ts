/** Numbers in a typed array that doubles when it is full: 8 bytes a number where an array of objects takes 50. */
export interface Growable {
  readonly length: number;
  /** The numbers so far; a view that later additions may leave behind. */
  readonly values: Float64Array;
  readonly bytes: number;
  push(value: number): void;
}

/** An empty {@link Growable}. */
export function growable(): Growable {
  let store = new Float64Array(64);
  let length = 0;
  return {
    get length() {
      return length;
    },
    get values() {
      return store.subarray(0, length);
    },
    get bytes() {
      return store.byteLength;
    },
    push(value) {
      if (length === store.length) {
        const larger = new Float64Array(2 * length);
        larger.set(store);
        store = larger;
      }
      store[length++] = value;
    },
  };
}
