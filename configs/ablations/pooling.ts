/**
 * What becomes of the tokens: attention pooling, their mean, or a class token.
 *
 * Claim   all similar in quality (Zhai et al. 2022, §3.2)
 * Run     pnpm vitscale train configs/ablations/pooling.ts --out runs/ablations/pooling --seeds 0,1,2
 */
import { grid } from "@vitscale/train";
import base from "./base.ts";

export default grid(base, { "model.pooling": ["map", "gap", "tok"] });
