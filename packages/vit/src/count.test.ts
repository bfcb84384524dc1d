import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ViTConfig, vit22b, vitG } from "./config.ts";
import { countAs, countByShapes, countParameters } from "./count.ts";
import { printedRows, sizes } from "./variants.ts";

const millions = (count: number) => count / 1e6;

describe("printed parameter counts", () => {
  const rows = Object.entries(printedRows);

  it.each(rows)(
    "%s has the millions that the paper prints, by its convention",
    (name, { millions: printed, counts, classes }) => {
      const config = name.startsWith("22B") ? vit22b(name) : vitG(name, { classes: classes ?? 0 });
      const counted = millions(countAs(counts, countParameters(config)));
      const digits = Number.isInteger(printed) ? 0 : 1;
      expect(counted.toFixed(digits)).toBe(printed.toFixed(digits));
    },
  );

  // timm's vit_{tiny,small,base,large}_patch16_224 without classifier, less their class token and its position.
  it.each([
    ["Ti/16", 5_524_416 - 2 * 192],
    ["S/16", 21_665_664 - 2 * 384],
    ["B/16", 85_798_656 - 2 * 768],
    ["L/16", 303_301_632 - 2 * 1024],
  ])("the trunk of %s has exactly %d parameters", (name, expected) => {
    expect(countAs("trunk", countParameters(vitG(name)))).toBe(expected);
  });

  it.each([
    ["g/14", 1011.2],
    ["G/14", 1842.77],
    ["e/14", 3805.42],
  ])("the trunk of %s has %d M", (name, expected) => {
    expect(millions(countAs("trunk", countParameters(vitG(name)))).toFixed(2)).toBe(expected.toFixed(2));
  });

  it("ViT-e is its trunk, a MAP head of 67.92 M and a classifier of 53.06 M", () => {
    const { pool, head, total } = countParameters(vitG("e/14", { classes: 29_593 }));
    expect([pool, head, total].map((count) => millions(count).toFixed(2))).toEqual(["67.92", "53.06", "3926.40"]);
  });

  it("ViT-22B grows from block matrices to trunk to MAP head to classifier as the notes say", () => {
    // The trunk of the notes counts the biases of attention-out and MLP-out apart, so nothing is fused here.
    const count = countParameters(vit22b("22B/14", { classes: 29_593, fusedInput: false, fusedOutput: false }));
    expect(count.matrices).toBe(12 * 6144 ** 2 * 48);
    const trunk = countAs("trunk", count);
    expect(millions(trunk).toFixed(1)).toBe("21750.5");
    expect(millions(count.pool)).toBeCloseTo(453.06, 1);
    expect(millions(trunk + count.pool).toFixed(1)).toBe("22203.6");
    expect(millions(count.total).toFixed(1)).toBe("22385.4"); // 22,385.45
    expect(millions(count.head).toFixed(2)).toBe("181.85");
  });

  it("a fused output has one bias of width 6144 less in each of 48 blocks", () => {
    const apart = countParameters(vit22b("22B/14", { fusedInput: false, fusedOutput: false }));
    expect(apart.total - countParameters(vit22b()).total).toBe(48 * 6144);
  });
});

it("agrees with a count by hand at width 4, 2 heads, MLP 8, one parallel block", () => {
  const tiny = { width: 4, heads: 2, mlpWidth: 8, depth: 1, imageSide: 4, patchSide: 2, channels: 1, classes: 3 };
  const count = countParameters(vit22b("mu/2", { ...tiny, pooling: "gap" }));
  // patch 4·4+4, positions 4·4, in 4·(12+8), out (4+8)·4, biases 8+4, norms 4+2·2, final 4, head 4·3+3
  expect(count).toMatchObject({
    patch: 20,
    positions: 16,
    matrices: 128,
    blockBiases: 12,
    blockNorms: 8,
    finalNorm: 4,
    head: 15,
  });
  expect(count.total).toBe(203);
});

/** Configurations at small widths with every switch in every position. */
const anyConfig: fc.Arbitrary<ViTConfig> = fc
  .record({
    preset: fc.constantFrom(vit22b, vitG),
    depth: fc.integer({ min: 1, max: 3 }),
    pooling: fc.constantFrom("map", "gap", "tok"),
    classes: fc.integer({ min: 0, max: 5 }),
    fused: fc.record({ fusedInput: fc.boolean(), fusedOutput: fc.boolean() }),
    norm: fc.constantFrom("rms", "layer"),
    qkNorm: fc.constantFrom("none", "rms", "layer"),
    embeddingNorm: fc.boolean(),
    isJoint: fc.boolean(),
    bits: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  })
  .map(({ preset, fused, bits, isJoint, ...options }) => {
    const [patch, qkv, attentionOutput, mlp, norm, qkNorm, pool, head] = bits as boolean[] & { length: 8 };
    return preset("mu/8", {
      ...options,
      ...(isJoint && options.qkNorm !== "none" && { qkNormSpan: "width" as const }),
      width: 12,
      heads: 3,
      mlpWidth: 20,
      imageSide: 24,
      fusedInput: fused.fusedInput,
      fusedOutput: fused.fusedOutput && preset === vit22b,
      biases: {
        ...({ patch, qkv, attentionOutput, mlp, pool, head } as ViTConfig["biases"]),
        norm: norm! && options.norm === "layer",
        qkNorm: qkNorm! && options.qkNorm === "layer",
      },
    });
  });

it("the closed form equals the shapes of the tree for any switches", () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      expect(countParameters(config).total).toBe(countByShapes(config));
    }),
    { numRuns: 300, seed: 22 },
  );
});

it("counts every named size by shapes without allocating, ViT-22B too", () => {
  for (const name of Object.keys(sizes)) {
    for (const config of [vitG(`${name}/14`), vit22b(`${name}/14`)]) {
      expect(countByShapes(config)).toBe(countParameters(config).total);
    }
  }
});
