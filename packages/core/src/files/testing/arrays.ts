import { type DataOf, type HostTensor, hostTensor } from "../../host-tensor.ts";

const grid = [0, 1, 2, 3, 4, 5];

/** Floats at the edges of float16 and bfloat16, as in `fixtures/make_files.py`. */
export const special = Float32Array.of(
  ...[
    0,
    -0,
    1.5,
    -2.25,
    65504,
    2 ** -24,
    2 ** -14,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    0.1,
  ],
);

/** The tensors that need no conversion. */
export const directTensors: { readonly [name: string]: HostTensor } = {
  bool: hostTensor("bool", [2, 3], Uint8Array.of(1, 0, 1, 0, 1, 0)),
  uint8: hostTensor("uint8", [2, 3], Uint8Array.from(grid)),
  int32: hostTensor("int32", [2, 3], Int32Array.from(grid)),
  float32: hostTensor("float32", [2, 3], Float32Array.from(grid)),
  special: hostTensor("float32", [11], special),
  scalar: hostTensor("float32", [], Float32Array.of(7)),
  empty: hostTensor("float32", [0, 3]),
};

const widened = (dtype: "int32" | "float32"): HostTensor =>
  hostTensor(
    dtype,
    [2, 3],
    (dtype === "int32" ? Int32Array.from(grid) : Float32Array.from(grid)) as DataOf<typeof dtype>,
  );

/** What the other arrays of the fixtures convert to. */
export const convertedTensors: { readonly [name: string]: HostTensor } = {
  int8: widened("int32"),
  int16: widened("int32"),
  uint16: widened("int32"),
  uint32: widened("int32"),
  int64: widened("int32"),
  uint64: widened("int32"),
  float64: widened("float32"),
};
