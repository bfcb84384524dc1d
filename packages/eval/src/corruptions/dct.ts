/**
 * The discrete cosine transform of 8x8 blocks in integers, and its inverse, as libjpeg computes them: `jfdctint.c` and `jidctint.c`
 * after Loeffler, Ligtenberg and Moschytz 1989, with 13 bits for constants and 2 more between the passes.
 */
const constantBits = 13;
const passBits = 2;

const fixed = (value: number) => Math.round(value * 2 ** constantBits);
const [c0298, c0390, c0541, c0765] = [fixed(0.298631336), fixed(0.390180644), fixed(0.5411961), fixed(0.765366865)];
const [c0899, c1175, c1501, c1847] = [fixed(0.899976223), fixed(1.175875602), fixed(1.50132111), fixed(1.847759065)];
const [c1961, c2053, c2562, c3072] = [fixed(1.96157056), fixed(2.053119869), fixed(2.562915447), fixed(3.072711026)];

/** x / 2^bits, rounded to the nearest. */
const descale = (x: number, bits: number) => (x + (1 << (bits - 1))) >> bits;

/** Samples around 0 to coefficients times 8, in place: [8, 8]. */
export function forwardDct(block: Int32Array): void {
  for (let row = 0; row < 8; row++) forwardPass(block, 8 * row, 1, (sum) => sum << passBits, constantBits - passBits);
  for (let column = 0; column < 8; column++) {
    forwardPass(block, column, 8, (sum) => descale(sum, passBits), constantBits + passBits);
  }
}

function forwardPass(d: Int32Array, start: number, stride: number, even: (sum: number) => number, bits: number): void {
  const at = (i: number) => d[start + i * stride]!;
  const set = (i: number, value: number) => {
    d[start + i * stride] = value;
  };
  const [s0, s1, s2, s3] = [at(0) + at(7), at(1) + at(6), at(2) + at(5), at(3) + at(4)];
  const [d7, d6, d5, d4] = [at(0) - at(7), at(1) - at(6), at(2) - at(5), at(3) - at(4)];

  const [e0, e3, e1, e2] = [s0 + s3, s0 - s3, s1 + s2, s1 - s2];
  set(0, even(e0 + e1));
  set(4, even(e0 - e1));
  const e = (e2 + e3) * c0541;
  set(2, descale(e + e3 * c0765, bits));
  set(6, descale(e - e2 * c1847, bits));

  const z5 = (d4 + d6 + (d5 + d7)) * c1175;
  const [z1, z2] = [-(d4 + d7) * c0899, -(d5 + d6) * c2562];
  const [z3, z4] = [-(d4 + d6) * c1961 + z5, -(d5 + d7) * c0390 + z5];
  set(7, descale(d4 * c0298 + z1 + z3, bits));
  set(5, descale(d5 * c2053 + z2 + z4, bits));
  set(3, descale(d6 * c3072 + z2 + z3, bits));
  set(1, descale(d7 * c1501 + z1 + z4, bits));
}

/** Coefficients to samples around 0, in place: [8, 8]. */
export function inverseDct(block: Int32Array): void {
  for (let column = 0; column < 8; column++) inversePass(block, column, 8, constantBits - passBits);
  for (let row = 0; row < 8; row++) inversePass(block, 8 * row, 1, constantBits + passBits + 3);
}

function inversePass(d: Int32Array, start: number, stride: number, bits: number): void {
  const at = (i: number) => d[start + i * stride]!;
  const e = (at(2) + at(6)) * c0541;
  const [e2, e3] = [e - at(6) * c1847, e + at(2) * c0765];
  const [e0, e1] = [(at(0) + at(4)) * 2 ** constantBits, (at(0) - at(4)) * 2 ** constantBits];
  const even = [e0 + e3, e1 + e2, e1 - e2, e0 - e3];

  const [o0, o1, o2, o3] = [at(7), at(5), at(3), at(1)];
  const z5 = (o0 + o2 + (o1 + o3)) * c1175;
  const [z1, z2] = [-(o0 + o3) * c0899, -(o1 + o2) * c2562];
  const [z3, z4] = [-(o0 + o2) * c1961 + z5, -(o1 + o3) * c0390 + z5];
  const odd = [o3 * c1501 + z1 + z4, o2 * c3072 + z2 + z3, o1 * c2053 + z2 + z4, o0 * c0298 + z1 + z3];
  for (let i = 0; i < 4; i++) {
    d[start + i * stride] = descale(even[i]! + odd[i]!, bits);
    d[start + (7 - i) * stride] = descale(even[i]! - odd[i]!, bits);
  }
}
