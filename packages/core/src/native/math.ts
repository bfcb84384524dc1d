import { rounding, type Variable, type VectorCode } from "./vector-code.ts";

/*
 * Elementary functions on float32 lanes. Polynomials are minimax fits (Remez exchange in 50-digit arithmetic, relative
 * error of the function as weight, coefficients rounded to float32 afterwards); the error of each fit is stated where it
 * is used. Argument reductions are those of Cody and Waite, "Software Manual for the Elementary Functions" (1980), with
 * fused multiply-adds. Error bounds of the functions, in units in the last place (ulp) of the exact result, are the
 * largest errors against float64 over every 67th float32, rounded up. NaN gives NaN, infinities and subnormal numbers
 * are arguments and results like others, and both instruction sets give the same bits.
 */

/** ln 2 as a sum of two float32: the larger part. */
export const ln2High = 0.6931471824645996;
/** ln 2 as a sum of two float32: the smaller part. */
export const ln2Low = -1.9046542121259336e-9;
/** The sign of a float32. */
export const signBit = 0x80000000;
const magnitudeBits = 0x7fffffff;

/** Σ coefficients[k] · x^k by Horner's rule. */
export function polynomial(code: VectorCode, x: Variable, coefficients: readonly number[]): Variable {
  return coefficients
    .slice(0, -1)
    .reduceRight((sum, coefficient) => code.fma(sum, x, code.float(coefficient)), code.float(coefficients.at(-1)!));
}

/** |x|. */
export function magnitude(code: VectorCode, x: Variable): Variable {
  return code.and(x, code.int(magnitudeBits));
}

function withSignOf(code: VectorCode, x: Variable, sign: Variable): Variable {
  return code.or(x, code.and(sign, code.int(signBit)));
}

/** (e^r - 1 - r) / r² for |r| ≤ ln 2 / 2; the error of e^r - 1 is below 2⁻³¹. */
const expPolynomial = [
  0.5, 0.1666666567325592, 0.04166635870933533, 0.008333389647305012, 0.0013940668432042003, 0.00019845904898829758,
];

/** x = n · ln 2 + r with n integer (as a float) and |r| ≤ ln 2 / 2. Gives n and e^r - 1. */
export function reduceExp(code: VectorCode, x: Variable): { n: Variable; fraction: Variable } {
  const n = code.round(code.mul(x, code.float(Math.LOG2E)), rounding.nearestEven);
  const high = code.fnma(n, code.float(ln2High), x);
  const r = code.fnma(n, code.float(ln2Low), high);
  const tail = polynomial(code, r, expPolynomial);
  return { n, fraction: code.fma(tail, code.mul(r, r), r) };
}

/** 2^n for an integer n (as a float) from -126 to 127. */
function powerOfTwo(code: VectorCode, n: Variable): Variable {
  if (code.target === "avx512") return code.apply("scale", [code.float(1), n]);
  return code.shiftLeft(code.addInt(code.roundToInt(n), code.int(127)), 23);
}

/** x · 2^n for an integer n (as a float) from -252 to 254, rounded once. */
export function scale(code: VectorCode, x: Variable, n: Variable): Variable {
  if (code.target === "avx512") return code.apply("scale", [x, n]);
  const exponent = code.roundToInt(n);
  const half = code.shiftRightSigned(exponent, 1);
  const power = (e: Variable) => code.shiftLeft(code.addInt(e, code.int(127)), 23);
  return code.mul(code.mul(x, power(half)), power(code.subInt(exponent, half)));
}

/** e^x; error below 0.97 ulp. */
export function exp(code: VectorCode, x: Variable): Variable {
  // Beyond these bounds the result is 0 or ∞ anyway. The bound comes first, so that NaN passes.
  const bounded = code.maximum(code.float(-104), code.minimum(code.float(89), x));
  const { n, fraction } = reduceExp(code, bounded);
  return scale(code, code.add(fraction, code.float(1)), n);
}

/** e^x - 1, accurate where x is small; error below 1.5 ulp. */
export function expm1(code: VectorCode, x: Variable): Variable {
  const bounded = code.maximum(code.float(-18), code.minimum(code.float(89), x));
  const { n, fraction } = reduceExp(code, bounded);
  // Halved, because 2^n overflows for the largest results.
  const half = powerOfTwo(code, code.sub(n, code.float(1)));
  const halfResult = code.fma(half, fraction, code.sub(half, code.float(0.5)));
  return withSignOf(code, code.add(halfResult, halfResult), x);
}

/** tanh |x| = E / (E + 2) with E = e^(2|x|) - 1; error below 2.4 ulp. */
export function tanh(code: VectorCode, x: Variable): Variable {
  const a = code.minimum(code.float(9.1), magnitude(code, x));
  const { n, fraction } = reduceExp(code, code.add(a, a));
  const power = powerOfTwo(code, n);
  const e = code.fma(power, fraction, code.sub(power, code.float(1)));
  return withSignOf(code, code.div(e, code.add(e, code.float(2))), x);
}

/** e^-|x| */
function expNegativeMagnitude(code: VectorCode, x: Variable): Variable {
  const bounded = code.maximum(code.float(-104), code.or(x, code.int(signBit)));
  const { n, fraction } = reduceExp(code, bounded);
  return scale(code, code.add(fraction, code.float(1)), n);
}

/** 1 / (1 + e^-x), for negative x as e^x / (1 + e^x), which does not overflow; error below 2.4 ulp. */
export function sigmoid(code: VectorCode, x: Variable): Variable {
  const t = expNegativeMagnitude(code, x);
  const one = code.float(1);
  return code.div(code.select(code.compare(x, code.float(0), "less"), t, one), code.add(one, t));
}

/** (log(1 + f) - f + f²/2) / f³ for √½ ≤ 1 + f ≤ √2; the error of log(1 + f) is below 2⁻³⁰. */
const logPolynomial = [
  0.3333331346511841, -0.25000008940696716, 0.2000211924314499, -0.1666799634695053, 0.14219552278518677,
  -0.1240558996796608, 0.11888162791728973, -0.11675650626420975, 0.0674663782119751,
];
/** Bits of √½, the lower end of that range. */
export const sqrtHalfBits = 0x3f3504f3;

/** exponent · ln 2 + log(1 + f). */
function logOfParts(code: VectorCode, exponent: Variable, f: Variable): Variable {
  const square = code.mul(f, f);
  const low = code.fma(exponent, code.float(ln2Low), code.mul(square, code.float(-0.5)));
  const tail = code.fma(code.mul(square, f), polynomial(code, f, logPolynomial), low);
  return code.fma(exponent, code.float(ln2High), code.add(f, tail));
}

/** Puts in the results at and beyond the end of a logarithm's domain: -∞ at `zero`, NaN below, x itself for NaN and ∞. */
function atLogarithmEdges(code: VectorCode, x: Variable, zero: number, inside: Variable): Variable {
  const isRegular = code.compare(x, code.float(Infinity), "less");
  const regular = code.select(isRegular, inside, x);
  const end = code.float(zero);
  const orPole = code.select(code.compare(x, end, "equal"), code.float(-Infinity), regular);
  return code.select(code.compare(x, end, "less"), code.float(Number.NaN), orPole);
}

/** Natural logarithm; error below 0.82 ulp. */
export function log(code: VectorCode, x: Variable): Variable {
  const isSubnormal = code.compare(x, code.float(2 ** -126), "less");
  const normal = code.select(isSubnormal, code.mul(x, code.float(2 ** 23)), x);
  const exponent = code.shiftRightSigned(code.subInt(normal, code.int(sqrtHalfBits)), 23);
  const mantissa = code.subInt(normal, code.shiftLeft(exponent, 23));
  const correction = code.and(isSubnormal, code.float(-23));
  const parts = logOfParts(code, code.add(code.toFloat(exponent), correction), code.sub(mantissa, code.float(1)));
  return atLogarithmEdges(code, x, 0, parts);
}

/** log(1 + x) for x > -1, finite. The exponent is that of 1 + x, the fraction is found without rounding 1 + x. */
function log1pInside(code: VectorCode, x: Variable): Variable {
  const sum = code.add(x, code.float(1));
  const exponent = code.shiftRightSigned(code.subInt(sum, code.int(sqrtHalfBits)), 23);
  const shifted = code.shiftLeft(exponent, 23);
  // x · 2^-e and 4 · 2^-e by their exponent bits; where e is not 0, x is far from subnormal.
  const scaledX = code.subInt(x, shifted);
  const four = code.subInt(code.float(4), shifted);
  const f = code.add(scaledX, code.fma(code.float(0.25), four, code.float(-1)));
  return logOfParts(code, code.toFloat(exponent), f);
}

/** log(1 + x), accurate where x is small; error below 1.4 ulp. */
export function log1p(code: VectorCode, x: Variable): Variable {
  return atLogarithmEdges(code, x, -1, withSignOf(code, log1pInside(code, x), x));
}

/** log(1 + e^x) as max(x, 0) + log(1 + e^-|x|); error below 1.7 ulp. */
export function softplus(code: VectorCode, x: Variable): Variable {
  return code.add(code.maximum(code.float(0), x), log1pInside(code, expNegativeMagnitude(code, x)));
}

/** erf(x) / x - 1 as a polynomial in x² for |x| ≤ 0.93, error below 2⁻³¹. */
const erfSmall = [
  0.12837916612625122, -0.37612634897232056, 0.11283691227436066, -0.026859132573008537, 0.005200340878218412,
  -0.0008134644594974816, 8.335443999385461e-5,
];
/** -log(1 - erf(t)) / t - 1 for 0.93 ≤ t ≤ 3.93, error of erf below 2⁻³⁰. */
const erfLarge = [
  0.1286529004573822, 0.6351334452629089, 0.10626643151044846, -0.023787494748830795, 0.0036544715985655785,
  -0.00032575553632341325, 1.152595450548688e-5,
];

/** The error function: an odd polynomial near 0, 1 - e^-p(|x|) elsewhere; error below 1.1 ulp. */
export function erf(code: VectorCode, x: Variable): Variable {
  const near = code.fma(polynomial(code, code.mul(x, x), erfSmall), x, x);
  const t = code.minimum(code.float(4), magnitude(code, x));
  const logarithm = code.fma(polynomial(code, t, erfLarge), t, t);
  const { n, fraction } = reduceExp(code, code.xor(logarithm, code.int(signBit)));
  const complement = code.fma(powerOfTwo(code, n), fraction, powerOfTwo(code, n));
  const far = withSignOf(code, code.sub(code.float(1), complement), x);
  return code.select(code.compare(t, code.float(0.927734375), "less"), near, far);
}

/** (sin r - r) / r³ and (cos r - 1 + r²/2) / r⁴ in r², |r| ≤ π/4; errors below 2⁻²⁷ and 2⁻³³. */
const sinPolynomial = [-0.16666655242443085, 0.008332155644893646, -0.0001951463200384751];
const cosPolynomial = [0.04166664555668831, -0.0013887309469282627, 2.443241282890085e-5];
/** π/2 as a sum of three float32. */
const halfPi = [1.5707963705062866, -4.371138828673793e-8, -1.7151245100058819e-15];

/** sin(x + quarters · π/2). */
function sine(code: VectorCode, x: Variable, quarters: number): Variable {
  const n = code.round(code.mul(x, code.float(2 / Math.PI)), rounding.nearestEven);
  const r = halfPi.reduce((rest, part) => code.fnma(n, code.float(part), rest), x);
  const quadrant = code.addInt(code.roundToInt(n), code.int(quarters));
  const square = code.mul(r, r);
  const sin = code.fma(code.mul(square, r), polynomial(code, square, sinPolynomial), r);
  const cosTail = code.fma(code.mul(square, square), polynomial(code, square, cosPolynomial), code.float(1));
  const cos = code.fma(square, code.float(-0.5), cosTail);
  const isOdd = code.shiftRightSigned(code.shiftLeft(quadrant, 31), 31);
  const sign = code.and(code.shiftLeft(quadrant, 30), code.int(signBit));
  return code.xor(code.select(isOdd, cos, sin), sign);
}

/** Sine; error below 2.1 ulp for |x| up to 10⁵, beyond it grows with |x|. */
export function sin(code: VectorCode, x: Variable): Variable {
  return sine(code, x, 0);
}

/** Cosine; error below 2.1 ulp for |x| up to 10⁵, beyond it grows with |x|. */
export function cos(code: VectorCode, x: Variable): Variable {
  return sine(code, x, 1);
}
