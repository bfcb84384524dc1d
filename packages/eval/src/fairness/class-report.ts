import type { Binning } from "../calibration/bins.ts";
import { fileName } from "../plots/file-name.ts";
import type { Plot } from "../suite/suite.ts";
import { classTradeOff, largestGap } from "./class-trade-off.ts";
import type { GroupReport } from "./group-report.ts";
import type { Decided } from "./group-tally.ts";
import type { Groups } from "./groups.ts";
import { oneHot } from "./one-hot.ts";
import { tradeOffPlot, tradeOffTitle, tradeOffView } from "./trade-off.ts";

/** Rows times classes that are debiased within some seconds. */
const mostNumbers = 100_000;
const levelCount = 5;

/** What it costs to select every class equally often in all groups. */
export function reportClasses(
  { probabilities, decisions, labels }: Decided,
  groups: Groups,
  binning: Binning,
): GroupReport & { readonly plots: readonly Plot[] } {
  const { attribute } = groups;
  if (probabilities.data.length > mostNumbers) {
    const note = `By ${attribute}, nothing was debiased: ${probabilities.data.length} numbers take long; see reduceToBinary.`;
    return { metrics: {}, tables: [], plots: [], views: [], notes: [note] };
  }
  const widest = largestGap(oneHot(decisions, probabilities.width), groups);
  const levels = Array.from({ length: levelCount }, (_, i) => (widest * i) / (levelCount - 1));
  const curve = classTradeOff(probabilities, labels, groups, levels, { binning });
  const title = tradeOffTitle("accuracy", attribute);
  const plot = tradeOffPlot({ [attribute]: curve }, "accuracy", title);
  return {
    metrics: {
      [`${attribute}/equal-rates/accuracy`]: curve[0]!.accuracy,
      [`${attribute}/equal-rates/demographic-parity-difference`]: curve[0]!.parity,
    },
    tables: [
      {
        title: `Parity by ${attribute} against accuracy and calibration`,
        columns: ["level", "parity of decisions", "expected accuracy", "ECE of decisions"],
        rows: curve.map(({ level, parity, accuracy, ece }) => [level, parity, accuracy, ece]),
      },
    ],
    plots: [{ ...plot, name: `${plot.name}-${fileName(attribute)}` }],
    views: [tradeOffView({ [attribute]: curve }, "accuracy", title)],
    notes: [`By ${attribute}, all classes were debiased together, without labels, on the rows that are measured.`],
  };
}
