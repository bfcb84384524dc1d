import { arithmeticRules } from "./arithmetic.ts";
import { layoutRules } from "./layout.ts";
import { padRules } from "./pads.ts";
import { productRules } from "./products.ts";
import { reductionRules } from "./reductions.ts";
import { reshapeRules } from "./reshapes.ts";
import { mergeRules, type Pass, type Rules, rewriteBy } from "./rules.ts";
import { splatRules } from "./splats.ts";

/** All rules that hold of an operation and its operands alone, whoever else reads them. */
export const algebraRules: Rules = mergeRules(
  splatRules,
  arithmeticRules,
  layoutRules,
  reductionRules,
  reshapeRules,
  productRules,
  padRules,
);

/** Applies {@link algebraRules} everywhere. Which numbers may change is said at each table of rules. */
export const simplifyAlgebra: Pass = rewriteBy(algebraRules);
