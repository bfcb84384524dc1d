import { existsSync } from "node:fs";
import { cueConflictOf, humanBenchmark, humansName, observersOf, readAnswersFolder, shapeBias } from "@vitscale/eval";
import { defineClaim, notMeasurable } from "../claim.ts";
import { digits } from "../report/format.ts";

interface Plan {
  /** Folder of the toolbox's answers; null where there is none. */
  readonly folder: string | null;
}

/** OOD accuracy, accuracy difference, observed and error consistency. */
type Row = readonly [number, number, number, number];

/** By observer; null without answers. */
interface Measurement {
  readonly rows: Readonly<Record<string, Row>>;
  readonly shapeBias: Readonly<Record<string, number>>;
}

/** As printed, to three digits; people to two, in the paper's figures. */
const printed: Readonly<Record<string, readonly string[]>> = {
  resnet50: ["0.559", "0.087", "0.665", "0.208"],
  simclr_resnet50x1: ["0.596", "0.080", "0.667", "0.179"],
  bagnet33: ["0.398", "0.156", "0.567", "0.137"],
};
const printedHumans = { accuracy: "0.72", errorConsistency: "0.43" };
const printedBias: Readonly<Record<string, string>> = { [humansName]: "0.959", resnet50: "0.214" };

/** Tables of model-vs-human, computed again from the published answers of people and models. */
export const humanAlignment = defineClaim<Plan, Measurement | null>({
  name: "human-alignment",
  title: "the tables of model-vs-human from its published answers",
  version: 1,
  isInChoice: false,
  seconds: { quick: 10, full: 10 },
  statements: {
    models: {
      kind: "paper",
      isExact: true,
      says: "Accuracy and consistency with people of three models on 17 data sets",
      source: "bethgelab/model-vs-human, README and report; Geirhos et al. 2021",
      printed: Object.entries(printed)
        .map(([name, values]) => `${name} ${values.join(", ")}`)
        .join("; "),
      rule: "reproduced: all twelve numbers agree to the three printed digits; else not seen",
    },
    humans: {
      kind: "paper",
      isExact: true,
      says: "People beside each other on the same images",
      source: "Geirhos et al. 2021, figures",
      printed: `accuracy ${printedHumans.accuracy}, error consistency ${printedHumans.errorConsistency}`,
      rule: "reproduced: both agree to the two printed digits; else not seen",
    },
    shapeBias: {
      kind: "paper",
      isExact: true,
      says: "People decide by shape, a ResNet-50 trained on ImageNet by texture",
      source: "Geirhos et al. 2019; rgeirhos/texture-vs-shape README",
      printed: "95.9 % and 21.4 %",
      rule: "reproduced: both agree to the three printed digits; else not seen",
    },
  },

  plan: (_, { dataFolder }) => ({
    folder: [dataFolder("model-vs-human/raw-data"), dataFolder("mvh/raw")].find(existsSync) ?? null,
  }),

  async measure({ folder }, { progress }) {
    if (folder === null) return null;
    progress(0, "reading answers");
    const sets = await readAnswersFolder(folder);
    progress(0.5, "comparing observers");
    const { models, humans, perSet } = humanBenchmark(sets, { replicates: 2 });
    const rowOf = ({
      accuracy,
      accuracyDifference,
      observedConsistency,
      errorConsistency,
    }: (typeof models)[number] | NonNullable<typeof humans>): Row => [
      accuracy.value,
      accuracyDifference.value,
      observedConsistency.value,
      errorConsistency.value,
    ];
    const conflict = sets.find(({ name }) => name === "cue-conflict");
    const biasOf = (observers: Parameters<typeof cueConflictOf>[1]) =>
      conflict && observers.length > 0
        ? shapeBias(cueConflictOf(conflict, observers), { replicates: 2 }).shapeBias.value
        : Number.NaN;
    return {
      rows: {
        ...Object.fromEntries(models.map((model) => [model.model, rowOf(model)])),
        ...(humans && perSet.size > 0 && { [humansName]: rowOf(humans) }),
      },
      shapeBias: {
        ...(conflict && { [humansName]: biasOf(observersOf(conflict, "humans")) }),
        ...Object.fromEntries(
          (conflict?.observers ?? [])
            .filter(({ name }) => name in printed)
            .map((observer) => [observer.name, biasOf([observer])]),
        ),
      },
    };
  },

  judge(measurement) {
    if (measurement === null) {
      const missing = notMeasurable(
        "the answers are not here; git clone --branch swag https://github.com/bethgelab/model-vs-human into the data folder " +
          "(data, VITSCALE_DATA, or --data model-vs-human=FOLDER)",
      );
      return { models: missing, humans: missing, shapeBias: missing };
    }
    const { rows, shapeBias: biases } = measurement;
    const cells = Object.entries(printed).flatMap(([name, values]) =>
      values.map((value, column) => rows[name]?.[column]?.toFixed(3) === value),
    );
    const [accuracy, , , errorConsistency] = rows[humansName] ?? [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
    const isLikePeople =
      accuracy.toFixed(2) === printedHumans.accuracy && errorConsistency.toFixed(2) === printedHumans.errorConsistency;
    const isSameBias = Object.entries(printedBias).every(([name, value]) => biases[name]?.toFixed(3) === value);
    const percent = (name: string) => `${digits(100 * (biases[name] ?? Number.NaN))} %`;
    return {
      models: {
        measured: `${cells.filter(Boolean).length} of ${cells.length} numbers agree`,
        verdict: cells.every(Boolean) ? "reproduced" : "not seen at this scale",
      },
      humans: {
        measured: `accuracy ${digits(accuracy)}, error consistency ${digits(errorConsistency)}`,
        verdict: isLikePeople ? "reproduced" : "not seen at this scale",
      },
      shapeBias: {
        measured: `people ${percent(humansName)}, ResNet-50 ${percent("resnet50")}`,
        verdict: isSameBias ? "reproduced" : "not seen at this scale",
      },
    };
  },

  tables: (measurement) =>
    measurement === null
      ? []
      : [
          {
            title: "Alignment with people over 17 data sets",
            columns: ["observer", "OOD accuracy", "accuracy difference", "observed consistency", "error consistency"],
            rows: Object.entries(measurement.rows).map(([name, row]) => [
              name,
              ...row.map((value) => value.toFixed(3)),
            ]),
          },
        ],
});
