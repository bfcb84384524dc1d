import type { Rules } from "../rule.ts";
import { creationRules } from "./creation.ts";
import { elementwiseRules } from "./elementwise.ts";
import { indexingRules } from "./indexing.ts";
import { productRules } from "./product.ts";
import { randomRules } from "./random.ts";
import { reductionRules } from "./reduction.ts";
import { shapeRules } from "./shape.ts";

/** Every tfjs kernel that can be recorded. */
export const rules: Rules = {
  ...creationRules,
  ...elementwiseRules,
  ...indexingRules,
  ...productRules,
  ...randomRules,
  ...reductionRules,
  ...shapeRules,
};
