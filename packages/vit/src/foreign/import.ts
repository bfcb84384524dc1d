import { hostTensor } from "@vitscale/core";
import { buildParameters } from "../build-parameters.ts";
import { patchGrid, type ViTConfig } from "../config.ts";
import { concatenate, slice, sumOf } from "../host-arrays.ts";
import type { ViTParameters } from "../parameters.ts";
import type { Dialect, Float, ForeignState } from "./dialect.ts";

/** Options of an import. */
export interface ImportOptions {
  /** Patterns of their names that may be left over, each of which must match a whole name: `["head\\..+"]`. */
  readonly ignore?: readonly string[];
}

/**
 * The parameters of a model out of a checkpoint of another library, as `config` wants them. Where their position table has a row for
 * the class token, that row is added to the class token, which is the same function.
 *
 * @throws RangeError that lists every parameter that is missing, has another shape, or is left over.
 */
export function importParameters(
  state: ForeignState,
  config: ViTConfig,
  { sourceOf, arrange, positions }: Dialect,
  { ignore = [] }: ImportOptions = {},
): ViTParameters<Float> {
  const patches = patchGrid(config.imageSide, config.patchSide) ** 2;
  const unread = new Set(Object.keys(state));
  const complaints: string[] = [];

  /** The class token's row of their table, apart from the others. */
  const table = state[positions];
  const hasClassRow = table?.shape.at(-2) === patches + 1;
  const rowsOf = (tensor: Float, from: number, to: number) => slice(flatTable(tensor), 0, from, to);

  const read = (path: string, shape: readonly number[]): Float | undefined => {
    const source = sourceOf(path);
    if (source === "zeros") return undefined;
    const { name, piece } = source;
    unread.delete(name);
    const whole = state[name];
    if (whole === undefined) {
      complaints.push(`missing: ${name} (our ${path})`);
      return undefined;
    }
    const isShort = piece !== undefined && (whole.shape[piece.axis] ?? 0) < piece.to;
    const part = piece === undefined || isShort ? whole : slice(whole, piece.axis, piece.from, piece.to);
    let ours = arrange(path, part, shape);
    if (path === "positions" && hasClassRow) ours = rowsOf(part, 1, patches + 1);
    if (path === "class_token" && hasClassRow) ours = sumOf([flatTable(part), rowsOf(table as Float, 0, 1)]);
    if (isShort || withoutOnes(ours.shape) !== withoutOnes(shape)) {
      complaints.push(`shape: ${name} is [${whole.shape}], which does not give our ${path} [${shape}]`);
      return undefined;
    }
    return hostTensor("float32", shape, ours.data);
  };

  const params = buildParameters<Float>(config, {
    make: (path, shape) => read(path, shape) ?? hostTensor("float32", shape),
    concat: concatenate,
    sum: sumOf,
  });
  const mayBeLeft = ignore.map((pattern) => new RegExp(`^(?:${pattern})$`));
  const unknown = [...unread].filter((name) => !mayBeLeft.some((pattern) => pattern.test(name)));
  complaints.push(...unknown.map((name) => `unknown: ${name}`));
  if (complaints.length > 0) {
    throw new RangeError(
      `the state dict is not of the configured model; change the configuration or the file:\n  ${complaints.join("\n  ")}`,
    );
  }
  return params;
}

/** A position table without leading axes of length 1: [positions, width]. */
function flatTable({ shape, data }: Float): Float {
  return hostTensor("float32", shape.slice(-2), data);
}

function withoutOnes(shape: readonly number[]): string {
  return shape.filter((dim) => dim !== 1).join();
}
