import type { Rules } from "../rule.ts";
import { convolutionRules } from "./convolution.ts";
import { countingRules } from "./counting.ts";
import { creationRules } from "./creation.ts";
import { dilationRules } from "./dilation.ts";
import { elementwiseRules } from "./elementwise.ts";
import { indexingRules } from "./indexing.ts";
import { normalizationRules } from "./normalization.ts";
import { poolingRules } from "./pooling.ts";
import { productRules } from "./product.ts";
import { randomRules } from "./random.ts";
import { reductionRules } from "./reduction.ts";
import { resizeRules } from "./resize.ts";
import { shapeRules } from "./shape.ts";
import { storageRules } from "./storage.ts";

/** Every tfjs kernel that can be recorded. */
export const rules: Rules = {
  ...convolutionRules,
  ...countingRules,
  ...creationRules,
  ...dilationRules,
  ...elementwiseRules,
  ...indexingRules,
  ...normalizationRules,
  ...poolingRules,
  ...productRules,
  ...randomRules,
  ...reductionRules,
  ...resizeRules,
  ...shapeRules,
  ...storageRules,
};
