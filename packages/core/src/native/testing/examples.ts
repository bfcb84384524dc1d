import {
  type BinaryOp,
  denseRows,
  type ReduceOp,
  type RowInput,
  type RowOutput,
  type RowProgram,
  type RowValue,
  sameForEveryRow,
  type UnaryOp,
} from "../row-program.ts";

/** Writes row programs over dense float32 tensors, value by value. */
class Program {
  readonly inputs: RowInput[] = [];
  readonly values: RowValue[] = [];
  readonly outputs: RowOutput[] = [];

  constructor(
    readonly rows: number,
    readonly columns: number,
  ) {}

  /** A [rows, columns] tensor, one number for each row, one for each column, or a single one. */
  input(kind: "full" | "row" | "column" | "scalar" = "full"): number {
    const columnStride = kind === "full" || kind === "column" ? 1 : 0;
    const width = kind === "full" ? this.columns : 1;
    const rowOffset = kind === "full" || kind === "row" ? denseRows(this.rows, width) : sameForEveryRow;
    const input = this.inputs.push({ dtype: "float32", rowOffset, columnStride }) - 1;
    return this.value({ kind: "input", input });
  }

  number(value: number): number {
    return this.value({ kind: "constant", dtype: "float32", value });
  }

  unary(op: UnaryOp, x: number): number {
    return this.value({ kind: "unary", op, x });
  }

  binary(op: BinaryOp, a: number, b: number): number {
    return this.value({ kind: "binary", op, a, b });
  }

  reduce(op: ReduceOp, x: number): number {
    return this.value({ kind: "reduce", op, x });
  }

  add = (a: number, b: number) => this.binary("add", a, b);
  sub = (a: number, b: number) => this.binary("sub", a, b);
  mul = (a: number, b: number) => this.binary("mul", a, b);
  div = (a: number, b: number) => this.binary("div", a, b);
  mean = (x: number) => this.mul(this.reduce("sum", x), this.number(1 / this.columns));

  store(value: number): void {
    const { rows, columns } = this;
    const rowOffset = denseRows(rows, columns);
    this.outputs.push({ kind: "store", value, dtype: "float32", rowOffset, columnStride: 1, size: rows * columns });
  }

  storeRow(value: number): void {
    const rowOffset = denseRows(this.rows, 1);
    this.outputs.push({ kind: "store", value, dtype: "float32", rowOffset, columnStride: 0, size: this.rows });
  }

  accumulate(value: number, chunks: number): void {
    this.outputs.push({ kind: "accumulate", value, chunks });
  }

  finish(): RowProgram {
    const { rows, columns, inputs, values, outputs } = this;
    return { rows, columns, inputs, values, outputs };
  }

  private value(value: RowValue): number {
    return this.values.push(value) - 1;
  }
}

/** Inputs: x. Output: its softmax over columns. */
export function softmax(rows: number, columns: number): RowProgram {
  const p = new Program(rows, columns);
  const x = p.input();
  const power = p.unary("exp", p.sub(x, p.reduce("max", x)));
  p.store(p.div(power, p.reduce("sum", power)));
  return p.finish();
}

/** Inputs: the softmax, the gradient of it. Output: the gradient of its argument. */
export function softmaxGradient(rows: number, columns: number): RowProgram {
  const p = new Program(rows, columns);
  const [y, dy] = [p.input(), p.input()];
  p.store(p.mul(y, p.sub(dy, p.reduce("sum", p.mul(y, dy)))));
  return p.finish();
}

/** Inputs: x, scale [columns], bias [columns]. Outputs: the normalised rows, their means, their inverse deviations. */
export function layerNorm(rows: number, columns: number, epsilon: number): RowProgram {
  const p = new Program(rows, columns);
  const [x, scale, bias] = [p.input(), p.input("column"), p.input("column")];
  const mean = p.mean(x);
  const centred = p.sub(x, mean);
  const inverse = p.unary("rsqrt", p.add(p.mean(p.unary("square", centred)), p.number(epsilon)));
  p.store(p.add(p.mul(p.mul(centred, inverse), scale), bias));
  p.storeRow(mean);
  p.storeRow(inverse);
  return p.finish();
}

/** Inputs: x, dy, scale, means, inverse deviations. Outputs: dx, and dscale and dbias in chunks. */
export function layerNormGradient(rows: number, columns: number, chunks: number): RowProgram {
  const p = new Program(rows, columns);
  const [x, dy, scale, mean, inverse] = [p.input(), p.input(), p.input("column"), p.input("row"), p.input("row")];
  const normalised = p.mul(p.sub(x, mean), inverse);
  const scaled = p.mul(dy, scale);
  const projection = p.mean(p.mul(scaled, normalised));
  p.store(p.mul(inverse, p.sub(p.sub(scaled, p.mean(scaled)), p.mul(normalised, projection))));
  p.accumulate(p.mul(dy, normalised), chunks);
  p.accumulate(dy, chunks);
  return p.finish();
}

/** Inputs: x, scale [columns]. Output: x over its root mean square. */
export function rmsNorm(rows: number, columns: number, epsilon: number): RowProgram {
  const p = new Program(rows, columns);
  const [x, scale] = [p.input(), p.input("column")];
  const inverse = p.unary("rsqrt", p.add(p.mean(p.unary("square", x)), p.number(epsilon)));
  p.store(p.mul(p.mul(x, inverse), scale));
  return p.finish();
}

const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** Inputs: x. Output: x · (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2. */
export function gelu(rows: number, columns: number): RowProgram {
  const p = new Program(rows, columns);
  const x = p.input();
  const inner = p.mul(p.mul(x, p.number(slope)), p.add(p.number(1), p.mul(p.number(cubic), p.unary("square", x))));
  p.store(p.mul(p.mul(x, p.number(0.5)), p.add(p.number(1), p.unary("tanh", inner))));
  return p.finish();
}

/** Inputs: x, the gradient of its GELU. Output: the gradient of x. */
export function geluGradient(rows: number, columns: number): RowProgram {
  const p = new Program(rows, columns);
  const [x, dy] = [p.input(), p.input()];
  const square = p.unary("square", x);
  const one = p.number(1);
  const tanh = p.unary("tanh", p.mul(p.mul(x, p.number(slope)), p.add(one, p.mul(p.number(cubic), square))));
  const inner = p.mul(p.number(slope), p.add(one, p.mul(p.number(3 * cubic), square)));
  const curve = p.mul(p.mul(x, p.sub(one, p.unary("square", tanh))), inner);
  p.store(p.mul(dy, p.mul(p.number(0.5), p.add(p.add(one, tanh), curve))));
  return p.finish();
}

export interface AdamW {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly decay: number;
}

/**
 * Inputs: parameters, gradients, both moments, and scalars: learning rate, 1 / (1 - β₁^t), 1 / (1 - β₂^t).
 * Outputs: parameters and both moments, which may overwrite the inputs.
 */
export function adamW(rows: number, columns: number, { beta1, beta2, epsilon, decay }: AdamW): RowProgram {
  const p = new Program(rows, columns);
  const [parameter, gradient, first, second] = [p.input(), p.input(), p.input(), p.input()];
  const [rate, correction1, correction2] = [p.input("scalar"), p.input("scalar"), p.input("scalar")];
  const newFirst = p.add(p.mul(first, p.number(beta1)), p.mul(gradient, p.number(1 - beta1)));
  const newSecond = p.add(p.mul(second, p.number(beta2)), p.mul(p.unary("square", gradient), p.number(1 - beta2)));
  const deviation = p.add(p.unary("sqrt", p.mul(newSecond, correction2)), p.number(epsilon));
  const step = p.add(p.div(p.mul(newFirst, correction1), deviation), p.mul(p.number(decay), parameter));
  p.store(p.sub(parameter, p.mul(rate, step)));
  p.store(newFirst);
  p.store(newSecond);
  return p.finish();
}
