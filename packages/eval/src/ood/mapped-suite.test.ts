import { expect, it } from "vitest";
import { calibrationSuite } from "../calibration/suite.ts";
import { accumulateAll } from "../suite/accumulate.ts";
import { numberColumn, table, tableRows, vectorColumn } from "../table/index.ts";
import { mapPredictions } from "./map-predictions.ts";
import { mappedSuite } from "./mapped-suite.ts";

it("measures in the classes of a map, and takes parts as the whole for logits", async () => {
  const map = { name: "two", sourceClasses: 3, classes: ["a", "b"], sources: [[0, 1], [2]] };
  // The first row shows that scores are logits; the others look like probabilities.
  const scores = Float32Array.of(-3, 0, 0, 0.2, 0.2, 0.6, 0.4, 0.4, 0.2, 0, 0, 1);
  const given = table({ scores: vectorColumn(scores, 3), label: numberColumn([0, 1, 0, 1]) });
  const options = { replicates: 3 };
  const expected = await calibrationSuite().run(mapPredictions(given, map, "logits"), options);
  const suite = mappedSuite(calibrationSuite(), map);
  expect(await suite.run(given, options)).toEqual(expected);
  const parts = [[0, 1], [2], [3]].map((rows) => tableRows(given, rows));
  const [running] = await accumulateAll([suite], parts, options);
  expect(await running!.result()).toEqual(expected);
});
