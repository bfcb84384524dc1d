import { modelFlopsPerToken, tokenCount, type ViTConfig } from "@vitscale/vit";

/** Model FLOPs of training on one image, forward and backward, as utilisation counts them (Chowdhery et al. 2022, appendix B). */
export function imageFlops(model: ViTConfig): number {
  return modelFlopsPerToken(model) * tokenCount(model);
}
