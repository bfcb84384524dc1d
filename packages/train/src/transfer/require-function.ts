import type { ViTConfig } from "@vitscale/vit";

/** What a model without these fields has. */
const unsaid: Pick<ViTConfig, "qkNormSpan" | "attentionScale"> = { qkNormSpan: "head", attentionScale: "root" };

/** Fields that change what is computed where all parameters may keep names and shapes. */
const always = ["heads", "norm", "normEpsilon", "gelu", "attentionScale"] as const;

/**
 * Parameters mean something only in the function that they were trained for. What adds, removes or resizes parameters is told by these,
 * and may be asked for by beginning them anew; size of images, storage, initial values and noise are free.
 *
 * @throws RangeError listing what else makes `target` another function than that of the trained model.
 */
export function requireFunction(trained: ViTConfig, target: ViTConfig): void {
  const hasNorms = trained.qkNorm !== "none" && target.qkNorm !== "none";
  const fields = [
    ...always,
    ...(hasNorms ? (["qkNorm", "qkNormSpan"] as const) : []),
    // Another pooling, which has other parameters, may come with another place of the norm.
    ...(trained.pooling === target.pooling ? (["finalNorm"] as const) : []),
  ];
  const [before, after] = [trained, target].map((config) => ({ ...unsaid, ...config })) as [ViTConfig, ViTConfig];
  const changed = fields.filter((field) => before[field] !== after[field]);
  if (changed.length === 0) return;
  const lines = changed.map(
    (field) => `model.${field} is ${JSON.stringify(after[field])}, and it has ${JSON.stringify(before[field])}`,
  );
  throw new RangeError(
    `the trained model computes something else with its parameters; give model what it has:\n  ${lines.join("\n  ")}`,
  );
}
