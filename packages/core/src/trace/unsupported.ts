const shapes = "the shape of its result depends on values, and the shapes of a program are fixed";
const strings = "programs have no strings";
const complex = "programs have no complex numbers";
const pixels = "it reads or paints pixels of a canvas";

/** Why kernels that will never have a recording rule have none. */
const reasons: { readonly [kernel: string]: string } = {
  BroadcastArgs: "it computes a shape from values, and the shapes of a program are fixed",
  Complex: complex,
  ComplexAbs: complex,
  Draw: pixels,
  FFT: complex,
  FromPixels: pixels,
  IFFT: complex,
  Imag: complex,
  Multinomial: "a program would draw the same numbers at every call; draw with random.* of @vitscale/core from a key",
  NonMaxSuppressionV3: shapes,
  NonMaxSuppressionV4: shapes,
  NonMaxSuppressionV5: shapes,
  RaggedGather: shapes,
  RaggedRange: shapes,
  RaggedTensorToTensor: shapes,
  Real: complex,
  SparseFillEmptyRows: shapes,
  SparseReshape: "it computes a shape from values, and the shapes of a program are fixed",
  SparseSegmentMean: shapes,
  SparseSegmentSum: shapes,
  StaticRegexReplace: strings,
  StringNGrams: strings,
  StringSplit: strings,
  StringToHashBucketFast: strings,
  Unique: shapes,
};

/** Why a kernel cannot be recorded. */
export function obstacleOf(kernel: string): string {
  return reasons[kernel] ?? "it has no rule in @vitscale/core";
}
