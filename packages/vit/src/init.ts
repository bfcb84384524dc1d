import { type HostTensor, hostTensor, sizeOf } from "@vitscale/core";
import { buildParameters } from "./build-parameters.ts";
import type { ViTConfig } from "./config.ts";
import { draw, parameterKey } from "./draw.ts";
import { concatenate, sumOf } from "./host-arrays.ts";
import type { ViTParameters } from "./parameters.ts";

/**
 * Initial parameters of a model.
 *
 * The same configuration and seed give the same values everywhere. A parameter's values follow from the seed and its
 * own path, so a switch that adds parameters leaves the rest as they were, and a fused model equals the unfused one.
 */
export function init(config: ViTConfig, seed: number): ViTParameters<HostTensor<"float32">> {
  return buildParameters<HostTensor<"float32">>(config, {
    make: (path, shape, distribution) =>
      hostTensor("float32", shape, draw(distribution, sizeOf(shape), parameterKey(seed, path))),
    concat: concatenate,
    sum: sumOf,
  });
}
