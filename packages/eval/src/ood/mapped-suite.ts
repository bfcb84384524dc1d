import { type ScoreKind, scoreKind } from "../calibration/probabilities.ts";
import type { Suite } from "../suite/suite.ts";
import { columnOf, type Table } from "../table/index.ts";
import type { LabelMap } from "./label-map.ts";
import { mapPredictions } from "./map-predictions.ts";

/**
 * A suite on predictions in the classes of a label map: {@link mapPredictions}, then the suite.
 *
 * @param kind what the scores are; by default as the first row of the whole table looks
 */
export function mappedSuite(suite: Suite, map: LabelMap, kind?: ScoreKind): Suite {
  const mapping = () => {
    let known = kind;
    return (part: Table) => {
      if (part.length === 0) return part;
      known ??= scoreKind(columnOf(part, "scores", "vector"));
      return mapPredictions(part, map, known);
    };
  };
  return {
    ...suite,
    run: (predictions, options) => suite.run(mapping()(predictions), options),
    ...(suite.accumulate && {
      accumulate(options) {
        const [mapped, accumulator] = [mapping(), suite.accumulate!(options)];
        return { add: (part) => accumulator.add(mapped(part)), result: () => accumulator.result() };
      },
    }),
  };
}
