/** Which parameters a printed count includes; papers differ, even between rows of one table. */
export type CountConvention = "trunk" | "trunk + pool + head" | "block matrices";

/** What the papers print for a size, so that tests and reports can put a measurement beside it. */
export interface Printed {
  /** Millions of parameters, as printed. */
  readonly millions: number;
  readonly counts: CountConvention;
  /** Classes of the head that the count includes (29,593 labels of JFT-3B). */
  readonly classes?: number;
  /** GFLOPs of one forward pass at image sides 224 and 384; a multiply-add is two. */
  readonly gigaflops?: readonly [at224: number, at384: number];
}

/** The shape of an encoder. */
export interface Size {
  readonly width: number;
  readonly depth: number;
  readonly mlpWidth: number;
  readonly heads: number;
}

/** A named size with its patch side. */
export interface Variant extends Size {
  readonly name: string;
  readonly patchSide: number;
  readonly printed?: Printed;
}

const size = (width: number, depth: number, mlpWidth: number, heads: number): Size => ({
  width,
  depth,
  mlpWidth,
  heads,
});

/**
 * Sizes by name. "s" and "S" are different sizes.
 *
 * s to G: Zhai et al. 2022, arXiv 2106.04560, Table 2. e: Chen et al. 2022, arXiv 2209.06794. 22B: Dehghani et al. 2023,
 * arXiv 2302.05442, Table 1. mu, M, So400m, g-opt, G-opt and H: big_vision, models/vit.py, decode_variant.
 */
export const sizes = {
  mu: size(32, 1, 128, 2),
  s: size(256, 6, 1024, 8),
  Ti: size(192, 12, 768, 3),
  S: size(384, 12, 1536, 6),
  M: size(512, 12, 2048, 8),
  B: size(768, 12, 3072, 12),
  L: size(1024, 24, 4096, 16),
  So400m: size(1152, 27, 4304, 16),
  H: size(1280, 32, 5120, 16),
  g: size(1408, 40, 6144, 16),
  "g-opt": size(1536, 40, 6144, 16),
  G: size(1664, 48, 8192, 16),
  "G-opt": size(1536, 48, 8192, 16),
  e: size(1792, 56, 15360, 16),
  "22B": size(6144, 48, 24576, 48),
} as const satisfies Record<string, Size>;

const trunk = (millions: number, at224: number, at384: number): Printed => ({
  millions,
  counts: "trunk",
  gigaflops: [at224, at384],
});

/**
 * Rows that the papers print. "trunk" is patch embedding, positions, blocks and final norm of the sequential block with
 * all biases; ViT-e adds the MAP head and a JFT classifier; ViT-22B's 21,743 M is 12·width²·depth, its block matrices.
 */
export const printedRows: Readonly<Record<string, Printed>> = {
  "s/28": trunk(5.4, 0.7, 2.0),
  "s/16": trunk(5.0, 2.2, 7.8),
  "S/32": trunk(22, 2.3, 6.9),
  "Ti/16": trunk(5.5, 2.5, 9.5),
  "B/32": trunk(87, 8.7, 26.0),
  "S/16": trunk(22, 9.2, 31.2),
  "B/28": trunk(87, 11.3, 30.5),
  "B/16": trunk(86, 35.1, 111.3),
  "L/16": trunk(303, 122.9, 382.8),
  "H/14": { millions: 631, counts: "trunk" },
  "g/14": trunk(1011, 533.1, 1596.4),
  "G/14": trunk(1843, 965.3, 2859.9),
  "e/14": { millions: 3926, counts: "trunk + pool + head", classes: 29_593 },
  "22B/14": { millions: 21_743, counts: "block matrices" },
};

/**
 * The shape called `name`, written "size/patch side": "S/16", "22B/14". Any patch side goes with any size: "Ti/4".
 *
 * @throws RangeError when the name is not of that form or the size is not in {@link sizes}.
 */
export function variant(name: string): Variant {
  const match = /^([^/]+)\/([1-9]\d*)$/.exec(name);
  if (match === null) {
    throw new RangeError(`"${name}" is not a variant; write a size and a patch side, such as "S/16" or "22B/14"`);
  }
  const [, sizeName, patchSide] = match as unknown as [string, string, string];
  if (!Object.hasOwn(sizes, sizeName)) {
    const nearMiss = Object.keys(sizes).find((known) => known.toLowerCase() === sizeName.toLowerCase());
    const remedy =
      nearMiss === undefined ? `use one of ${Object.keys(sizes).join(", ")}` : `did you mean "${nearMiss}"?`;
    throw new RangeError(`there is no size "${sizeName}"; ${remedy}`);
  }
  const printed = printedRows[name];
  return {
    name,
    ...sizes[sizeName as keyof typeof sizes],
    patchSide: Number(patchSide),
    ...(printed && { printed }),
  };
}
