/** What a parameter is drawn from at initialisation. */
export type Distribution =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly deviation: number }
  /** Normal cut at ±2 before scaling; `deviation` is that of the cut distribution. */
  | { readonly kind: "truncated-normal"; readonly deviation: number }
  /** Uniform on [−limit, limit). */
  | { readonly kind: "uniform"; readonly limit: number };

/** N(0, deviation²). */
export function normal(deviation: number): Distribution {
  return { kind: "normal", deviation };
}

/** Xavier (Glorot) uniform: variance 2 / (fanIn + fanOut), on ±√(6 / (fanIn + fanOut)). */
export function xavierUniform(fanIn: number, fanOut: number): Distribution {
  return { kind: "uniform", limit: Math.sqrt(6 / (fanIn + fanOut)) };
}

/** LeCun normal as in Flax: variance 1 / fanIn, cut at two standard deviations of the uncut normal. */
export function lecunNormal(fanIn: number): Distribution {
  return { kind: "truncated-normal", deviation: fanIn ** -0.5 };
}
