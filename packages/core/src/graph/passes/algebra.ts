import { arithmeticRules } from "./arithmetic.ts";
import { layoutRules } from "./layout.ts";
import { reductionRules } from "./reductions.ts";
import { reshapeRules } from "./reshapes.ts";
import { mergeRules, type Pass, rewriteBy } from "./rules.ts";
import { splatRules } from "./splats.ts";

/**
 * All identities that hold of an operation and its operands alone, whoever else reads them: of splats and broadcasts,
 * arithmetic, movements, reductions, reshapes. Which numbers may change is said at each table of rules.
 */
export const simplifyAlgebra: Pass = rewriteBy(
  mergeRules(splatRules, arithmeticRules, layoutRules, reductionRules, reshapeRules),
);
