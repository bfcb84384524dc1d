import type { KernelCase } from "./case.ts";
import { elementwiseCases } from "./elementwise.ts";
import { imageCases } from "./image.ts";
import { indexingCases } from "./indexing.ts";
import { layoutCases } from "./layout.ts";
import { productCases } from "./product.ts";
import { reductionCases } from "./reduction.ts";

/** Calls of every kernel that can be recorded. */
export const cases: readonly KernelCase[] = [
  ...elementwiseCases,
  ...reductionCases,
  ...productCases,
  ...layoutCases,
  ...indexingCases,
  ...imageCases,
];
