// Measures claims of each outcome as `pnpm bench` does, in seconds, and leaves report and run records in a folder: for the dashboard's tests.
//
//     npx tsx --conditions=@vitscale/source packages/bench/test/tiny-report.ts FOLDER
import type { Claim } from "../src/claim.ts";
import { humanAlignment } from "../src/claims/human-alignment.ts";
import { initialValues } from "../src/claims/initial-values.ts";
import { qkNorm } from "../src/claims/qk-norm.ts";
import { smallModel } from "../src/claims/shared.ts";
import { main } from "../src/cli/main.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("give the folder to write: tsx tiny-report.ts FOLDER");

/** The sweep of learning rates, cut to what shows curves of seeds. */
const shortSweep: Claim = {
  ...qkNorm,
  plan: () => ({
    models: { small: smallModel({ width: 32, heads: 1, mlpWidth: 64, depth: 2 }) },
    learningRates: [1e-3, 1e-1],
    seeds: [0, 1],
    ...{ steps: 20, batch: 16, trainImages: 64 },
  }),
};
// Without published answers: a claim that cannot be measured.
process.env.VITSCALE_DATA = folder;
const claims = [initialValues, shortSweep, humanAlignment];
process.exitCode = await main(["--full", "--out", folder], claims, {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
