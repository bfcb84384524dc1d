import type { ViTConfig } from "@vitscale/vit";
import type { TensorParts } from "./tensor-parts.ts";

/**
 * The tensors that big_vision keeps where a model of ours has one, by the name of ours: [width, heads, headWidth] for each of query, key
 * and value, [heads, headWidth, width] for the attention's output, [patch, patch, channels, width] for the patch embedding, and the MLP's
 * apart from all of these.
 *
 * @returns undefined for names whose tensors are the same
 */
export function bigVisionParts(model: ViTConfig): (name: string) => TensorParts | undefined {
  const { width, heads, mlpWidth, patchSide, channels } = model;
  const projection = [width, heads, width / heads];
  const output = [heads, width / heads, width];
  const bias = [heads, width / heads];
  const three = <T>(shape: T) => [shape, shape, shape];
  const rules: readonly (readonly [RegExp, TensorParts])[] = [
    [/^patch\/kernel$/, { axis: 0, shapes: [[patchSide, patchSide, channels, width]] }],
    [/attention\/(query|key|value)\/kernel$/, { axis: 1, shapes: [projection] }],
    [/attention\/(query|key|value)\/bias$/, { axis: 0, shapes: [bias] }],
    [/attention\/qkv\/kernel$/, { axis: 1, shapes: three(projection) }],
    [/attention\/qkv\/bias$/, { axis: 0, shapes: three(bias) }],
    [/attention\/output\/kernel$/, { axis: 0, shapes: [output] }],
    [/^encoder\/\w+\/in\/kernel$/, { axis: 1, shapes: [...three(projection), [width, mlpWidth]] }],
    [/^encoder\/\w+\/in\/qkv_bias$/, { axis: 0, shapes: three(bias) }],
    [/^encoder\/\w+\/out\/kernel$/, { axis: 0, shapes: [output, [mlpWidth, width]] }],
  ];
  return (name) => rules.find(([pattern]) => pattern.test(name))?.[1];
}
