import type { GradientCase } from "./case.ts";
import { elementwiseCases } from "./elementwise-cases.ts";
import { convolutionCases, normalizationCases, poolingCases, resizeCases } from "./image-cases.ts";
import { einsumCases, matmulCases } from "./product-cases.ts";
import { cumulativeCases, reductionCases } from "./reduction-cases.ts";
import { indexingCases, shapeCases, windowCases } from "./shape-cases.ts";

export type { GradientCase } from "./case.ts";

/** A table of calls that covers every differentiable kernel. */
export const gradientCases: readonly GradientCase[] = [
  ...elementwiseCases,
  ...reductionCases,
  ...cumulativeCases,
  ...matmulCases,
  ...einsumCases,
  ...shapeCases,
  ...windowCases,
  ...indexingCases,
  ...convolutionCases,
  ...poolingCases,
  ...resizeCases,
  ...normalizationCases,
];
