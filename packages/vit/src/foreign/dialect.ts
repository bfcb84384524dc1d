import { type HostTensor, hostTensor } from "@vitscale/core";
import { permute } from "../host-arrays.ts";
import { blockName } from "../parameters.ts";

/** A tensor of a checkpoint. */
export type Float = HostTensor<"float32">;

/** The tensors of a checkpoint of another library, by its names. */
export type ForeignState = Readonly<Record<string, Float>>;

/** Where another library keeps a parameter: a tensor, and the piece of it where it stores several as one; or nowhere. */
export type Source =
  | { readonly name: string; readonly piece?: Piece }
  /** It has no such parameter because another one includes it. */
  | "zeros";

/** Indices `from` to `to` of an axis of their tensor. */
export interface Piece {
  readonly axis: 0 | 1;
  readonly from: number;
  readonly to: number;
}

/** How another library names and lays out the parameters of a model. */
export interface Dialect {
  /** From a parameter path of ours, every projection by itself, to theirs. */
  readonly sourceOf: (path: string) => Source;
  /** Their tensor in our order of axes, up to axes of length 1. @param shape of our parameter */
  readonly arrange: (path: string, tensor: Float, shape: readonly number[]) => Float;
  /** Their position table. It may have a row for the class token, before the others. */
  readonly positions: string;
}

/**
 * Ours beside theirs. A row names a layer, whose `kernel`, `scale` and `bias` follow by rule; or it names one parameter in full, and is
 * then preferred. Rows of layers that a model lacks are not used.
 */
export type Row = readonly [ours: string, theirs: string | undefined, piece?: Piece];

/** Tables of names, for what is outside of the blocks and for every block. */
export interface NameTables {
  readonly depth: number;
  readonly outside: readonly Row[];
  readonly block: readonly Row[];
  /** What precedes their names outside of blocks. */
  readonly prefix?: string;
  /** What precedes their names in a block. */
  readonly blockPrefix: (index: number) => string;
  /** Their name of a layer's parameter: of its `kernel`, `scale` or `bias`. */
  readonly leaf: (layer: string, leaf: string) => string;
}

/** The lookup that tables of names describe. */
export function sourcesOf({ depth, outside, block, prefix = "", blockPrefix, leaf }: NameTables): Dialect["sourceOf"] {
  const table = new Map<string, { readonly theirs: string | undefined; readonly piece: Piece | undefined }>();
  const add = ([ours, theirs, piece]: Row, ourPrefix: string, theirPrefix: string) => {
    table.set(ourPrefix + ours, { theirs: theirs === undefined ? undefined : theirPrefix + theirs, piece });
  };
  for (const row of outside) add(row, "", prefix);
  for (let index = 0; index < depth; index++) {
    for (const row of block) add(row, `encoder/${blockName(index)}/`, blockPrefix(index));
  }

  return (path) => {
    const end = path.lastIndexOf("/");
    const exact = table.get(path);
    const { theirs, piece } = exact ?? table.get(path.slice(0, end)) ?? { theirs: path, piece: undefined };
    if (theirs === undefined) return "zeros";
    const name = exact === undefined ? leaf(theirs, path.slice(end + 1)) : theirs;
    return piece === undefined ? { name } : { name, piece };
  };
}

const torchLeaves: Readonly<Record<string, string>> = { kernel: "weight", scale: "weight", bias: "bias" };

/** PyTorch's names of a layer's parameters. */
export const torchLeaf: NameTables["leaf"] = (layer, leaf) => `${layer}.${torchLeaves[leaf]}`;

/** PyTorch's layout: weights are [out, in], and a patch kernel is [out, channels, row, column]. */
export const arrangeTorch: Dialect["arrange"] = (path, tensor) => {
  if (path === "patch/kernel" && tensor.shape.length === 4) {
    const [out, channels, rows, columns] = tensor.shape as [number, number, number, number];
    return hostTensor("float32", [rows * columns * channels, out], permute(tensor, [2, 3, 1, 0]).data);
  }
  return path.endsWith("/kernel") && tensor.shape.length === 2 ? permute(tensor, [1, 0]) : tensor;
};

/** Rows `from` to `to` of a tensor, such as one projection of several that are stored as one. */
export const rows = (from: number, to: number): Piece => ({ axis: 0, from, to });
/** Columns of a tensor. */
export const columns = (from: number, to: number): Piece => ({ axis: 1, from, to });
