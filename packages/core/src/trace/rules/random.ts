import type { Node } from "../../graph/graph.ts";
import type { Rules } from "../rule.ts";

/** The project's own kernels of `random/`. */
export const randomRules: Rules = {
  RandomBits: (emit, { key }, { shape }) => emit.builder.add("randomBits", [key as Node], { shape: shape as number[] }),
};
