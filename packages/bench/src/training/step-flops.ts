import { modelFlopsPerToken, tokenCount, type ViTConfig } from "@vitscale/vit";

/** Model FLOPs of one training step by the convention of utilisation. */
export function stepFlops({ model, batch }: { readonly model: ViTConfig; readonly batch: number }): number {
  return modelFlopsPerToken(model) * tokenCount(model) * batch;
}
