import { ln2High, ln2Low, magnitude, polynomial, reduceExp, scale, signBit, sqrtHalfBits } from "./math.ts";
import { rounding, type Variable, type VectorCode } from "./vector-code.ts";

/** (atanh(q) / q - 1) / q² in q² for |q| ≤ (√2 - 1) / (√2 + 1); the error of atanh is below 2⁻³⁷. */
const atanhPolynomial = [0.3333333134651184, 0.20000168681144714, 0.14268618822097778, 0.11791785061359406];

/** log |x| for x finite and not 0, as the sum of two floats (an error of about 2⁻³² of it). */
function preciseLog(code: VectorCode, x: Variable): { high: Variable; low: Variable } {
  const size = magnitude(code, x);
  const isSubnormal = code.compare(size, code.float(2 ** -126), "less");
  const normal = code.select(isSubnormal, code.mul(size, code.float(2 ** 23)), size);
  const exponent = code.shiftRightSigned(code.subInt(normal, code.int(sqrtHalfBits)), 23);
  const n = code.add(code.toFloat(exponent), code.and(isSubnormal, code.float(-23)));
  const f = code.sub(code.subInt(normal, code.shiftLeft(exponent, 23)), code.float(1));

  // log(1 + f) = 2 atanh(q) with q = f / (2 + f), whose rounding error is the second part.
  const reciprocal = code.div(code.float(1), code.add(f, code.float(2)));
  const q = code.mul(f, reciprocal);
  const rest = code.fnma(q, f, code.fnma(q, code.float(2), f));
  const qLow = code.mul(rest, reciprocal);
  const square = code.mul(q, q);
  const series = code.mul(code.mul(polynomial(code, square, atanhPolynomial), square), q);
  const twiceQ = code.add(q, q);
  const small = code.add(qLow, series);

  // n · ln 2 + 2q + 2 · small. The product is exact in parts; the sums keep their errors (n · ln 2 is the larger term).
  const product = code.mul(n, code.float(ln2High));
  const productError = code.apply("fma", [n, code.float(ln2High), code.xor(product, code.int(signBit))]);
  const sum = code.add(product, twiceQ);
  const part = code.sub(sum, product);
  const sumError = code.add(code.sub(product, code.sub(sum, part)), code.sub(twiceQ, part));
  const errors = code.add(code.fma(n, code.float(ln2Low), productError), sumError);
  const low = code.fma(small, code.float(2), errors);
  const high = code.add(sum, low);
  return { high, low: code.sub(low, code.sub(high, sum)) };
}

/** a^b with the special cases of C's pow (1^b and (-1)^±∞ are 1, where `**` gives NaN); error below 3 ulp. */
export function pow(code: VectorCode, a: Variable, b: Variable): Variable {
  const { high, low } = preciseLog(code, a);
  // a^b = e^(b · high) · e^(rest), where rest holds what rounding the first product loses.
  const exponent = code.mul(b, high);
  const rest = code.fma(b, low, code.apply("fma", [b, high, code.xor(exponent, code.int(signBit))]));
  const bounded = code.maximum(code.float(-104), code.minimum(code.float(89), exponent));
  const { n, fraction } = reduceExp(code, bounded);
  const mantissa = code.add(fraction, code.float(1));
  const isInside = code.compare(bounded, exponent, "equal");
  const size = scale(code, code.fma(mantissa, code.and(rest, isInside), mantissa), n);

  const zero = code.float(0);
  const one = code.float(1);
  const infinity = code.float(Infinity);
  const sizeOfA = magnitude(code, a);
  const sizeOfB = magnitude(code, b);
  const isInteger = code.compare(code.round(b, rounding.towardZero), b, "equal");
  // Floats from 2^24 are even. Halving an odd integer leaves a fraction.
  const half = code.mul(b, code.float(0.5));
  const isOdd = code.and(isInteger, code.compare(code.round(half, rounding.towardZero), half, "notEqual"));
  const signOfOdd = code.and(code.and(a, isOdd), code.int(signBit));

  // |a| of 0 or ∞, and infinite exponents: the result is 0 or ∞.
  const isPoleOrZero = code.or(
    code.compare(sizeOfA, zero, "equal"),
    code.or(code.compare(sizeOfA, infinity, "equal"), code.compare(sizeOfB, infinity, "equal")),
  );
  const isBelowOne = code.compare(sizeOfA, one, "less");
  const isNegativePower = code.compare(b, zero, "less");
  const isLarge = code.xor(isBelowOne, code.xor(isNegativePower, code.int(-1)));
  const extreme = code.and(isLarge, infinity);
  const positive = code.select(isPoleOrZero, extreme, size);
  const signed = code.xor(positive, signOfOdd);

  // Negative numbers have powers for integer exponents only; infinite ones count as even integers.
  const isNegative = code.compare(a, zero, "less");
  const isFiniteNegative = code.and(isNegative, code.compare(sizeOfA, infinity, "less"));
  const isUndefined = code.andNot(isInteger, isFiniteNegative);
  const isNotANumber = code.or(code.compare(a, b, "unordered"), isUndefined);
  const result = code.select(isNotANumber, code.float(Number.NaN), signed);

  const isOne = code.or(code.compare(b, zero, "equal"), code.compare(a, one, "equal"));
  const isMinusOneToInfinity = code.and(
    code.compare(a, code.float(-1), "equal"),
    code.compare(sizeOfB, infinity, "equal"),
  );
  return code.select(code.or(isOne, isMinusOneToInfinity), one, result);
}
