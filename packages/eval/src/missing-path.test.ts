import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readAnswersFolder } from "./human/read-answers.ts";
import { missingPath } from "./missing-path.ts";
import { oodSuiteFromFiles, readLabelMap } from "./ood/from-files.ts";
import { loadTable } from "./table/index.ts";

it("says of every kind of file that it is not there, and which is nearest", async () => {
  const folder = mkdtempSync(join(tmpdir(), "vitscale-missing-"));
  try {
    writeFileSync(join(folder, "predictions.csv"), "label\n");
    expect(missingPath(join(folder, "predictions.csv"))).toBeUndefined();
    const wrong = join(folder, "prediction.csv");
    const problem = 'prediction.csv: is not there; did you mean "predictions.csv"?; give the path of one that is';
    await expect(loadTable(wrong)).rejects.toThrow(problem);
    await expect(readAnswersFolder(wrong)).rejects.toThrow(problem);
    await expect(readLabelMap(wrong)).rejects.toThrow(problem);
    await expect(oodSuiteFromFiles({ real: wrong })).rejects.toThrow(problem);
    await expect(loadTable(join(folder, "no", "a.npz"))).rejects.toThrow("a.npz: is not there, nor is its folder");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
