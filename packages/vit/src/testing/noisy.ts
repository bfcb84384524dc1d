import { type HostTensor, hostTensor, isHostTensor, treeMap } from "@vitscale/core";
import type { ViTConfig } from "../config.ts";
import { init } from "../init.ts";
import type { ViTParameters } from "../parameters.ts";
import { hashed } from "./hashed.ts";

/** Parameters in which everything matters: initial ones plus noise, so that no bias is 0 and no scale is 1. */
export function noisy(config: ViTConfig): ViTParameters<HostTensor<"float32">> {
  let salt = 0;
  return treeMap(
    ({ shape, data }: HostTensor<"float32">) => {
      const noise = hashed(data.length, salt++);
      return hostTensor(
        "float32",
        shape,
        data.map((value, i) => value + 0.3 * noise[i]!),
      );
    },
    init(config, 5),
    isHostTensor,
  ) as ViTParameters<HostTensor<"float32">>;
}
