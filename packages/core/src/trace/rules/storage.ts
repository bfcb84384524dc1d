import type { Node } from "../../graph/graph.ts";
import type { Rules } from "../rule.ts";

/** The project's own kernel that narrows what is stored. */
export const storageRules: Rules = {
  ToBfloat16: (emit, { x }) => emit.cast(x as Node, "bfloat16"),
};
