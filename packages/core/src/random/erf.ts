import * as tf from "@tensorflow/tfjs-core";

/**
 * erf in double precision, for constants: 2/√π · e^(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!, all terms of one sign, so that
 * nothing cancels (Abramowitz & Stegun 7.1.6).
 */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

// Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011), single precision; highest power first.
const central = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
const tail = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

/** A polynomial at w by Horner's rule. */
function polynomial(w: tf.Tensor, [first, second, ...rest]: readonly number[]): tf.Tensor {
  const start = tf.add(tf.mul(w, first as number), second as number);
  return rest.reduce<tf.Tensor>((sum, coefficient) => tf.add(tf.mul(sum, w), coefficient), start);
}

/** The inverse of erf for |x| < 1, in elementwise kernels only; relative error below 10⁻⁶. */
export function erfinv(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const w = tf.neg(tf.log1p(tf.neg(tf.square(x))));
    const isCentral = tf.less(w, 5);
    const value = tf.where(isCentral, polynomial(tf.sub(w, 2.5), central), polynomial(tf.sub(tf.sqrt(w), 3), tail));
    return tf.mul(x, value);
  });
}
