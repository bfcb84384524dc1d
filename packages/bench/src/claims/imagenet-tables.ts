import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openNpy } from "@vitscale/core";
import {
  acceptedAccuracy,
  acceptLabels,
  benchmarkCorruptions,
  corruptionError,
  type Decisions,
  identityMap,
  loadTable,
  numbersOf,
  parseRealLabels,
  textsOf,
} from "@vitscale/eval";
import { type Bench, defineClaim, notMeasurable } from "../claim.ts";
import { digits } from "../report/format.ts";
import { mean } from "../statistics/summary.ts";

interface Plan {
  /** Folder of published top-5 predictions and labels, the labels of ReaL, and the ImageNet testbed's table; null where there is none. */
  readonly predictions: string | null;
  readonly real: string | null;
  readonly testbed: string | null;
}

/** Top-1 accuracies of one model: null where there are no labels of ReaL. */
interface Accuracies {
  readonly val: number;
  readonly real: number | null;
  readonly v2: number;
}

interface Measurement {
  readonly models: Readonly<Record<string, Accuracies>> | null;
  /** mCE by model, in percent of AlexNet's errors. */
  readonly corruption: Readonly<Record<string, number>> | null;
}

/** ResNet-50 of torchvision, as others print it: ImageNet's own validation set, ReaL (timm), ImageNet-V2 matched frequency (testbed). */
const printedResNet50 = { val: 0.7613, real: 0.82969, v2: 0.6333 } as const;
/** The published number is of the original files; the testbed resizes them once more. */
const printedCorruption = { model: "resnet50", mCE: 76.7, tolerance: 2 } as const;
const corruptedModels = ["alexnet", "vgg11", "resnet18", "resnet50", "resnet152", "resnext101_32x8d"];
const fetchPredictions =
  "the published predictions are not here; give --data imagenet-preds=DIR with val-MODEL-top5.uint16.npy.gz, val-labels.uint16.npy.gz and the same " +
  "of v2-matched-frequency, repacked from modestyachts/ImageNetV2 data/predictions";

/** Tables of ImageNet and what stands beside it, computed again from published predictions. */
export const imagenetTables = defineClaim<Plan, Measurement>({
  name: "imagenet-tables",
  title: "accuracies on ImageNet, ReaL, V2 and C from published predictions",
  version: 1,
  isInChoice: false,
  seconds: { quick: 5, full: 5 },
  statements: {
    resnet: {
      kind: "paper",
      isExact: true,
      says: "Top-1 accuracy of a ResNet-50 on ImageNet's validation set, on ReaL, and on ImageNet-V2 (matched frequency)",
      source: "torchvision; timm results-imagenet-real.csv; imagenet-testbed robustness_top1s.csv",
      printed: "76.13 %, 82.97 %, 63.33 %",
      rule: "reproduced: all three within 0.02 % points (timm's own run of the same weights differs by that much); else not seen",
    },
    drop: {
      kind: "paper",
      isExact: true,
      says: "Every model is less accurate on a new test set that was made like the old one",
      source: "Recht et al. 2019, abstract",
      printed: "drops of 11 to 14 % points",
      rule: "reproduced: the mean drop over models, validation set less V2 matched frequency, lies between 11 and 14 % points; same direction: all models drop; else not seen",
    },
    real: {
      kind: "paper",
      isExact: true,
      says: "Labels that were looked at again rate models higher, the more so the weaker the model",
      source: "Beyer et al. 2020, fig. 1",
      printed: "a figure",
      rule: "reproduced: every model has a higher accuracy on ReaL, and the least accurate one gains more than the most accurate one; same direction: every model has a higher accuracy; else not seen",
    },
    corruption: {
      kind: "paper",
      isExact: true,
      says: "Mean corruption error of a ResNet-50 on ImageNet-C, in percent of AlexNet's",
      source: "Hendrycks & Dietterich 2019, table 1; accuracies of Taori et al. 2020 (imagenet-testbed)",
      printed: `${printedCorruption.mCE}`,
      rule: `the testbed resizes the files once more; reproduced: within ${printedCorruption.tolerance} of what is printed; else not seen`,
    },
  },

  plan(_, { dataFolder }) {
    const found = (...paths: string[]) => paths.map(dataFolder).find(existsSync) ?? null;
    return {
      predictions: found("imagenet-preds"),
      real: found("imagenet-preds/real.json", "labels/imagenet-real.json.gz"),
      testbed: found("imagenet-testbed/robustness_top1s.csv", "tables/imagenet-testbed-robustness_top1s.csv.gz"),
    };
  },

  async measure({ predictions, real, testbed }, bench) {
    bench.progress(0, "reading predictions");
    const models = predictions === null ? null : await accuraciesIn(predictions, real, bench);
    bench.progress(0.8, "reading the testbed's accuracies");
    return { models, corruption: testbed === null ? null : await corruptionErrors(testbed, bench) };
  },

  judge({ models, corruption }) {
    const missing = notMeasurable(fetchPredictions);
    const known = Object.values(models ?? {}).sort((a, b) => a.val - b.val);
    const [least, most] = [known[0], known.at(-1)];
    const drops = known.map(({ val, v2 }) => val - v2);
    const gains = known.map(({ val, real }) => (real ?? Number.NaN) - val);
    const resnet = models?.resnet50;
    const percent = (value: number | null | undefined) => (value == null ? "n/a" : `${(100 * value).toFixed(2)} %`);
    const isNear = (key: keyof Accuracies) => Math.abs((resnet?.[key] ?? Number.NaN) - printedResNet50[key]) <= 2e-4;
    const mCE = corruption?.[printedCorruption.model];
    const noReal = notMeasurable("the labels of ReaL are not here; give --data labels=DIR with imagenet-real.json.gz");
    return {
      resnet:
        resnet === undefined
          ? missing
          : resnet.real === null
            ? noReal
            : {
                measured: `${percent(resnet.val)}, ${percent(resnet.real)}, ${percent(resnet.v2)}`,
                verdict: (["val", "real", "v2"] as const).every(isNear) ? "reproduced" : "not seen at this scale",
              },
      drop:
        known.length === 0
          ? missing
          : {
              measured: `${digits(100 * mean(drops))} (${digits(100 * Math.min(...drops))} … ${digits(100 * Math.max(...drops))}) % points, ${known.length} models`,
              verdict:
                mean(drops) >= 0.11 && mean(drops) <= 0.14
                  ? "reproduced"
                  : drops.every((drop) => drop > 0)
                    ? "same direction"
                    : "not seen at this scale",
            },
      real:
        least === undefined || most === undefined
          ? missing
          : gains.some(Number.isNaN)
            ? noReal
            : {
                measured: `+${digits(100 * gains[0]!)} % points for ${percent(least.val)}, +${digits(100 * gains.at(-1)!)} for ${percent(most.val)}`,
                verdict: !gains.every((gain) => gain > 0)
                  ? "not seen at this scale"
                  : gains[0]! > gains.at(-1)!
                    ? "reproduced"
                    : "same direction",
              },
      corruption:
        mCE === undefined
          ? notMeasurable(
              "the testbed's table is not here; give --data imagenet-testbed=DIR with robustness_top1s.csv of modestyachts/imagenet-testbed",
            )
          : {
              measured: digits(mCE, 4),
              verdict:
                Math.abs(mCE - printedCorruption.mCE) <= printedCorruption.tolerance
                  ? "reproduced"
                  : "not seen at this scale",
            },
    };
  },

  tables: ({ models, corruption }) => [
    ...(models === null
      ? []
      : [
          {
            title: "Top-1 accuracy from published predictions",
            columns: ["model", "ImageNet", "ReaL", "V2 matched frequency"],
            rows: Object.entries(models).map(([name, { val, real, v2 }]) => [
              name,
              ...[val, real, v2].map((value) => (value === null ? "n/a" : `${(100 * value).toFixed(2)} %`)),
            ]),
          },
        ]),
    ...(corruption === null
      ? []
      : [
          {
            title: "Mean corruption error on ImageNet-C from the testbed's accuracies",
            columns: ["model", "mCE"],
            rows: Object.entries(corruption).map(([name, value]) => [name, digits(value, 4)]),
          },
        ]),
  ],
});

async function accuraciesIn(folder: string, real: string | null, bench: Bench): Promise<Record<string, Accuracies>> {
  const numbers = (file: string) => readNumbers(join(folder, `${file}.uint16.npy.gz`), bench);
  const imagenet = identityMap(
    Array.from({ length: 1000 }, (_, label) => `${label}`),
    "imagenet",
  );
  const [val, v2] = [
    acceptLabels(await numbers("val-labels"), imagenet),
    acceptLabels(await numbers("v2-matched-frequency-labels"), imagenet),
  ];
  const looked = real === null ? null : parseRealLabels((await readBytes(real)).toString("utf8"));
  const names = readdirSync(folder).flatMap((file) => /^val-(.+)-top5\.uint16\.npy\.gz$/.exec(file)?.[1] ?? []);
  const accuracies: Record<string, Accuracies> = {};
  for (const name of names.sort()) {
    const best = async (set: string): Promise<Decisions> => ({ k: 5, classes: await numbers(`${set}-${name}-top5`) });
    const answers = await best("val");
    accuracies[name] = {
      val: acceptedAccuracy(answers, val).value,
      real: looked && acceptedAccuracy(answers, looked).value,
      v2: acceptedAccuracy(await best("v2-matched-frequency"), v2).value,
    };
  }
  return accuracies;
}

async function corruptionErrors(path: string, bench: Bench): Promise<Record<string, number>> {
  const plain = join(bench.scratch, "testbed.csv");
  await writeFile(plain, await readBytes(path));
  const table = await loadTable(plain);
  const rows = textsOf(table, "model");
  const error = (model: string, column: string) => 1 - numbersOf(table, column)[rows.indexOf(model)]! / 100;
  const scoreOf = (model: string) =>
    corruptionError({
      clean: error(model, "val"),
      corrupted: Object.fromEntries(
        benchmarkCorruptions.map((name) => [
          name,
          [1, 2, 3, 4, 5].map((severity) => error(model, `imagenet-c.${name}.${severity}_on-disk`)),
        ]),
      ),
    }).mean;
  const known = corruptedModels.filter((model) => rows.includes(model));
  return Object.fromEntries(known.map((model) => [model, scoreOf(model)]));
}

/** An array of a gzipped npy file, row after row. */
async function readNumbers(path: string, { scratch }: Bench): Promise<Int32Array> {
  const plain = join(scratch, "array.npy");
  await writeFile(plain, await readBytes(path));
  const file = await openNpy(plain);
  try {
    return Int32Array.from((await file.read({ convert: true })).data);
  } finally {
    await file.close();
  }
}

async function readBytes(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}
