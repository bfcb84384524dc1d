import {
  type BinaryQuestion,
  binaryProbabilities,
  expectedCalibrationError,
  GroupCounts,
  groupRates,
  parity,
  parityTradeOff,
  type RowVectors,
  softmax,
  topOutcomes,
} from "@vitscale/eval";
import { defineClaim } from "../claim.ts";
import { digits } from "../report/format.ts";
import { type ImageSet, shapesSet } from "../training/shapes.ts";
import { type BySize, biasedStatistics, lookBySize, overSizes, planSizes, type SizesPlan } from "./by-size.ts";

/** One trained model's answers to a question of yes and no, about two groups. */
interface Judged {
  /** Difference of the groups' rates of yes, and of their accuracies. */
  readonly parity: number;
  readonly accuracyGap: number;
  readonly accuracy: number;
  readonly ece: number;
  /** After the randomized threshold optimizer, at each level. */
  readonly mitigated: readonly {
    readonly level: number;
    readonly parity: number;
    readonly accuracy: number;
    /** Of the nearest probabilities whose groups' means are as near: hard decisions claim to be sure. */
    readonly ece: number;
  }[];
}

interface Measurement {
  readonly seen: BySize<Judged>;
  /** Difference of the groups' shares of images whose answer is yes. */
  readonly ofData: number;
}

const levels = [0, 0.05, 0.1, 0.2];
/** Half of the test images are too few to tell rates apart by less. */
const countingNoise = 0.05;
/** The question: is it one of the first eight shapes? Light follows it in a share of images. */
const isYes = (shape: number) => (shape < 8 ? 1 : 0);

/** Two groups treated alike: what it costs models of three sizes. */
export const fairness = defineClaim<SizesPlan, Measurement>({
  name: "fairness",
  title: "fairness by size, before and after mitigation",
  version: 2,
  isInChoice: false,
  seconds: { quick: 60, full: 270 },
  statements: {
    before: {
      kind: "paper",
      says: "Before mitigation the groups' rates are as far apart as in the data, whatever the size",
      source: "Dehghani et al. 2023, fairness",
      printed: "demographic parity of the model follows that of the data",
      rule: `means over seeds; reproduced: at every size within ${countingNoise} of the data's; same direction: at the largest; else not seen`,
    },
    tradeOff: {
      kind: "paper",
      says: "At a fixed level of parity larger models are more accurate",
      source: "Dehghani et al. 2023, fairness",
      printed: "accuracy rises with size at every level",
      rule: "means over seeds; reproduced: the largest is more accurate than the smallest at every level; same direction: at most levels; else not seen",
    },
    calibration: {
      kind: "paper",
      says: "At a fixed level of parity larger models are better calibrated",
      source: "Dehghani et al. 2023, fairness",
      printed: "ECE falls with size, before and after mitigation",
      rule:
        "ECE of probabilities whose group means are brought to the level, means over seeds; reproduced: the largest has a lower one than the smallest at every " +
        "level; same direction: at most levels; else not seen",
    },
    subgroups: {
      kind: "paper",
      says: "The groups' accuracies come closer with size",
      source: "Dehghani et al. 2023, fairness",
      printed: "a smaller gap, and higher accuracy in both groups",
      rule:
        "means over seeds; reproduced: the gap of the largest is below the smallest's by more than the larger standard deviation over seeds; same " +
        "direction: below it; else not seen",
    },
    constraint: {
      kind: "paper",
      says: "The randomized threshold optimizer keeps the level that it is given",
      source: "Alabdulmohsin & Lucic 2021",
      printed: "a bound on the groups' rates; 0.266 before and 0.0036 after in its README",
      rule: `fitted on one half of the images, measured on the other; reproduced: parity is at most ${countingNoise} above the level for every model and level; else not seen`,
    },
  },

  plan: (scale) => planSizes(scale, biasedStatistics),

  async measure(plan, bench) {
    const { count: _, ...statistics } = plan.images;
    bench.progress(0, "rendering images");
    const test = await shapesSet({ ...statistics, count: plan.testImages, seed: 1 });
    const labels = Uint8Array.from(test.labels.data, isYes);
    const seen = await lookBySize(plan, bench, async (outputsOf) => {
      const { data } = await outputsOf("logits", test);
      return judgeModel(questionOf({ width: test.classes, data }, test));
    });
    return { seen, ofData: gapsOf(labels, labels, groupsOfImages(test)).demographicParityDifference };
  },

  judge({ seen, ofData }) {
    const [parities, gaps] = [overSizes(seen, (one) => one.parity), overSizes(seen, (one) => one.accuracyGap)];
    const isNear = parities.map(({ mean }) => Math.abs(mean - ofData) <= countingNoise);
    const changes = (key: "accuracy" | "ece") =>
      levels.map((_, level) => {
        const values = overSizes(seen, ({ mitigated }) => mitigated[level]![key]);
        return values.at(-1)!.mean - values[0]!.mean;
      });
    const atLevels = (values: readonly number[], isSeen: (value: number) => boolean) => {
      const count = values.filter(isSeen).length;
      const verdict =
        count === levels.length
          ? "reproduced"
          : count > levels.length / 2
            ? "same direction"
            : "not seen at this scale";
      const shown = values.map((value, i) => `${digits(100 * value, 2)} at ${levels[i]}`).join(", ");
      return { measured: `${shown}: % points from the smallest to the largest`, verdict } as const;
    };
    const closing = gaps[0]!.mean - gaps.at(-1)!.mean;
    const noise = Math.max(gaps[0]!.deviation, gaps.at(-1)!.deviation);
    const all = Object.values(seen).flat();
    const excess = Math.max(...all.flatMap(({ mitigated }) => mitigated.map((one) => one.parity - one.level)));
    const list = (values: readonly { mean: number }[]) => values.map(({ mean }) => digits(mean)).join(", ");
    return {
      before: {
        measured: `by size ${list(parities)}; ${digits(ofData)} in the data`,
        verdict: isNear.every(Boolean) ? "reproduced" : isNear.at(-1) ? "same direction" : "not seen at this scale",
      },
      tradeOff: atLevels(changes("accuracy"), (gain) => gain > 0),
      calibration: atLevels(changes("ece"), (change) => change < 0),
      subgroups: {
        measured: `gap of accuracy ${list(gaps)}, smallest first`,
        verdict: closing > noise ? "reproduced" : closing > 0 ? "same direction" : "not seen at this scale",
      },
      constraint: {
        measured: `at most ${digits(excess)} above the level`,
        verdict: excess <= countingNoise ? "reproduced" : "not seen at this scale",
      },
    };
  },

  tables: ({ seen }, { seeds }) => [
    {
      title: "Parity, accuracy and calibration of the question whether a shape is one of the first eight",
      columns: ["model", "parity", "accuracy", "ECE", ...levels.map((level) => `accuracy at ${level}`)],
      rows: Object.keys(seen).map((name, size) => [
        name,
        ...(["parity", "accuracy", "ece"] as const).map((key) =>
          digits(overSizes(seen, (one) => one[key])[size]!.mean),
        ),
        ...levels.map((_, i) => digits(overSizes(seen, (one) => one.mitigated[i]!.accuracy)[size]!.mean)),
      ]),
      note: `Mean over ${seeds.length} seeds; groups are the light, warm or cool.`,
    },
  ],
});

const groupsOfImages = ({ groups }: ImageSet) => ({ attribute: "light", names: ["warm", "cool"], of: groups });

/** The chance of yes is that of the first eight classes together. */
function questionOf(logits: RowVectors, test: ImageSet): BinaryQuestion {
  const { width, data } = softmax(logits);
  const rows = data.length / width;
  const chance = (row: number) => {
    let sum = 0;
    for (let shape = 0; shape < width; shape++) sum += isYes(shape) * data[row * width + shape]!;
    // Rounding may carry the sum past 1.
    return Math.min(1, sum);
  };
  return {
    probabilities: Float64Array.from({ length: rows }, (_, row) => chance(row)),
    labels: Uint8Array.from(test.labels.data, isYes),
    groups: groupsOfImages(test),
  };
}

function gapsOf(decisions: Uint8Array, labels: Uint8Array, groups: BinaryQuestion["groups"]) {
  return parity(groupRates(new GroupCounts(groups.names).add({ decisions, labels, groups })));
}

function judgeModel(question: BinaryQuestion): Judged {
  const { probabilities, labels, groups } = question;
  const decisions = Uint8Array.from(probabilities, (chance) => (chance > 0.5 ? 1 : 0));
  const gaps = gapsOf(decisions, labels, groups);
  const soft = parityTradeOff(question, levels, { of: "probabilities" });
  const right = decisions.filter((decision, row) => decision === labels[row]).length;
  return {
    parity: gaps.demographicParityDifference,
    accuracyGap: gaps.accuracyDifference,
    accuracy: right / labels.length,
    ece: expectedCalibrationError(topOutcomes(binaryProbabilities(probabilities), labels)),
    mitigated: parityTradeOff(question, levels).map(({ level, parity: left, accuracy }, i) => ({
      ...{ level, parity: left.value, accuracy: accuracy.value },
      ece: soft[i]!.ece.value,
    })),
  };
}
