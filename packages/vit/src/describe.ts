import { treeEntries } from "@vitscale/core";
import { patchGrid, tokenCount, type ViTConfig } from "./config.ts";
import { flops } from "./flops.ts";
import { blockName } from "./parameters.ts";
import { elementsOf, isParameterShape, type ParameterShape, parameterShapes } from "./shapes.ts";

/** A layer of a model, or the same layer of all blocks together. */
export interface Part {
  /** Path in the parameter tree, with `block*` for every block; `…/products` are attention's Q·Kᵀ and P·V. */
  readonly name: string;
  /** Of the layer's kernel, scale or table; [heads, queries, keys] for attention's products. */
  readonly shape: readonly number[];
  /** How many layers of this kind there are: the depth inside blocks, 1 elsewhere. */
  readonly repeats: number;
  /** Of all repeats, biases included. */
  readonly parameters: number;
  /** Of the layer's products for one image, all repeats; a multiply-add is two. */
  readonly flops: number;
}

/** The parts of a model in the order of its parameter tree; they add up to `countParameters` and `flops`. */
export function parts(config: ViTConfig): Part[] {
  const tokens = tokenCount(config);
  const products = (path: string, repeats: number, queries: number): Part => ({
    name: `${path}/products`,
    shape: [config.heads, queries, tokens],
    repeats,
    parameters: 0,
    flops: repeats * 4 * queries * tokens * config.width,
  });
  const list = Array.from(layers(config), ([name, leaves]): Part => {
    const repeats = name.startsWith("encoder/") ? config.depth : 1;
    const { shape } = leaves[0]!;
    const parameters = repeats * leaves.reduce((sum, leaf) => sum + elementsOf(leaf), 0);
    return {
      name,
      shape,
      repeats,
      parameters,
      flops: repeats * 2 * rowsThrough(name, config) * kernelSize(name, shape),
    };
  });
  const insertAfter = (last: RegExp, part: Part) =>
    list.splice(list.findLastIndex(({ name }) => last.test(name)) + 1, 0, part);
  insertAfter(
    /^encoder\/block\*\/(in|attention\/(qkv|value|key_norm))$/,
    products("encoder/block*/attention", config.depth, tokens),
  );
  if (config.pooling === "map") insertAfter(/^pool\/attention\/value$/, products("pool/attention", 1, 1));
  return list;
}

/** Shapes by layer; blocks are alike, so the first stands for all. */
function layers(config: ViTConfig): Map<string, ParameterShape[]> {
  const byName = new Map<string, ParameterShape[]>();
  for (const [path, leaf] of treeEntries<ParameterShape>(parameterShapes(config), isParameterShape)) {
    const [root, block] = path.split("/");
    if (root === "encoder" && block !== blockName(0)) continue;
    const name = path.replace(/\/(kernel|scale|bias|qkv_bias|mlp_bias)$/, "").replace(blockName(0), "block*");
    byName.set(name, [...(byName.get(name) ?? []), leaf]);
  }
  return byName;
}

/** Rows that an image sends through a layer: its tokens; one in the head, and in the pool but for keys and values. */
function rowsThrough(name: string, config: ViTConfig): number {
  if (name === "patch") return patchGrid(config.imageSide, config.patchSide) ** 2;
  return name.startsWith("encoder/") || /^pool.*(key|value)$/.test(name) ? tokenCount(config) : 1;
}

function kernelSize(name: string, shape: readonly number[]): number {
  const isTable = /(positions|class_token|probe)$/.test(name);
  return shape.length === 2 && !isTable ? shape[0]! * shape[1]! : 0;
}

/** A model as a table of its parts: name, shape, parameters, GFLOPs of one image's forward pass. */
export function describeModel(config: ViTConfig): string {
  const { depth, block, width, heads, mlpWidth, patchSide } = config;
  const summary =
    `${depth} ${block} blocks of width ${width}, ${heads} heads, MLP ${mlpWidth}; ` +
    `${tokenCount(config)} tokens, patches of ${patchSide}×${patchSide}`;

  const list = parts(config);
  const total = list.reduce((sum, { parameters }) => sum + parameters, 0);
  const cells = [
    ["part", "shape", "parameters", "GFLOPs"],
    ...list.map(({ name, shape, repeats, parameters, flops: count }) => [
      name,
      `${shape.join("×")}${repeats > 1 ? ` ×${repeats}` : ""}`,
      parameters === 0 ? "" : grouped(parameters),
      count === 0 ? "" : giga(count),
    ]),
    ["total", "", grouped(total), giga(flops(config).products)],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  "),
  );
  return [summary, ...lines.map((line) => line.trimEnd())].join("\n");
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

function giga(count: number): string {
  return (count / 1e9).toFixed(count < 1e8 ? 4 : 2);
}
