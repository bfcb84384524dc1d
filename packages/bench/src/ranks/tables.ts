import type { InjectedLink, OverlapCase, OverlapMeasurement } from "@vitscale/sharding";
import type { Table } from "../claim.ts";
import { digits, spread } from "../report/format.ts";
import { median } from "../statistics/summary.ts";
import { forecasts, type HidingForm, hiddenShare, sequentialOverParallel } from "./findings.ts";
import type { RanksAnswer } from "./order.ts";

/** Says of a case which link it had, where that is not in the case itself. */
export type LinkOf = (given: { readonly link?: InjectedLink }) => string;

/** `1 Gbit/s, 0.2 ms` */
export const linkText: LinkOf = ({ link: { bytesPerSecond = Number.POSITIVE_INFINITY, latencyMs = 0 } = {} }) =>
  `${digits((8 * bytesPerSecond) / 1e9, 2)} Gbit/s, ${digits(latencyMs, 2)} ms`;

/** From the medians, and from the least times, which a busy machine disturbs less. */
function hidden(layer: OverlapMeasurement, form: HidingForm): string {
  const percent = (share: number) => (100 * share).toFixed(0);
  const least = hiddenShare(layer, form, (rounds) => Math.min(...rounds));
  return `${percent(hiddenShare(layer, form))} % (${percent(least)} %)`;
}

/** The times of layers and their parts, what was hidden, and the blocks. */
export function overlapTables(answers: readonly RanksAnswer[], note: string, linkOf: LinkOf = linkText): Table[] {
  const layers = answers.flatMap(({ layers }) => layers);
  const blocks = answers.flatMap(({ blocks }) => blocks);
  const about = ({ case: given }: OverlapMeasurement) => [linkOf(given), `${given.ranks}`, given.layout];
  return [
    {
      title: `Layers on ranks, milliseconds: ${[...new Set(layers.map(({ case: given }) => sizeText(given)))].join("; ")}`,
      columns: [
        ...["link", "ranks", "layout", "products", "transfer", "both ways"],
        ...["plain", "ring", "both ways", "hidden by the ring", "both ways"],
      ],
      rows: layers.map((layer) => [
        ...about(layer),
        spread(layer.times.compute),
        spread(layer.times.transfer),
        digits(median(layer.times.transferBothWays)),
        spread(layer.times.plain),
        spread(layer.times.ring),
        spread(layer.times.bidirectional),
        hidden(layer, "ring"),
        hidden(layer, "bidirectional"),
      ]),
      note:
        "Median (quartiles) of interleaved rounds on the slowest rank. Products: those of the ring, on all ranks at once. Hidden: one after the " +
        `other less measured, over the smaller of the transfer and (k − 1)/k of the products; from medians, and from the least of all rounds. ${note}`,
    },
    {
      title: "The same layers on paper",
      columns: ["link", "ranks", "layout", "form", "measured", "predicted", "error"],
      rows: layers.flatMap((layer) =>
        forecasts(layer).map(({ form, measured, predicted, error }) => [
          ...about(layer),
          form,
          `${digits(measured)} ms`,
          `${digits(predicted)} ms`,
          `${error >= 0 ? "+" : ""}${(100 * error).toFixed(1)} %`,
        ]),
      ),
      note: "Predicted from single products, sums and messages that were timed before, by playing the schedule in simulated time.",
    },
    ...(blocks.length === 0 ? [] : [blockTable(answers, linkOf)]),
  ];
}

function blockTable(answers: readonly RanksAnswer[], linkOf: LinkOf): Table {
  const blocks = answers.flatMap(({ blocks }) => blocks);
  return {
    title: "Parallel blocks against sequential ones, milliseconds of a forward pass",
    columns: [
      "link",
      "ranks",
      "encoder",
      "parallel, ring",
      "sequential, ring",
      "parallel, plain",
      "sequential, plain",
      "sequential/parallel in rings",
    ],
    rows: blocks.map((block) => [
      linkOf(block.case),
      `${block.case.ranks}`,
      `${block.case.depth} blocks of width ${block.case.width}, ${256 * block.case.images} tokens`,
      spread(block.times["parallel, ring"]),
      spread(block.times["sequential, ring"]),
      spread(block.times["parallel, plain"]),
      spread(block.times["sequential, plain"]),
      digits(sequentialOverParallel(block)),
    ]),
    note: "A parallel block sends 2·d·(k − 1)/k elements a token, a sequential one twice that.",
  };
}

function sizeText({ layout, rows, inputs, outputs }: OverlapCase): string {
  return `${layout} ${rows}×${inputs} · ${inputs}×${outputs}`;
}
