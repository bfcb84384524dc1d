/** The formula of fixtures/make_timm.py: numbers in [−0.5, 0.5) from a 32-bit mix of the index. */
export function hashed(count: number, salt: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, index) => {
    let x = (index + Math.imul(salt, 0x9e3779b9)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
  });
}
