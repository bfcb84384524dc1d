import type { InjectedLink, OverlapCase, OverlapMeasurement } from "@vitscale/sharding";
import type { Table } from "../claim.ts";
import { digits, spread } from "../report/format.ts";
import { median } from "../statistics/summary.ts";
import { forecasts, type HidingForm, hiddenShare, sequentialOverParallel } from "./findings.ts";
import type { RanksAnswer } from "./order.ts";

/** `1 Gbit/s, 0.2 ms` */
function linkText({ gigabits }: RanksAnswer, link: InjectedLink = {}): string {
  const { bytesPerSecond = Number.POSITIVE_INFINITY, latencyMs = 0 } = link;
  return `${Number((gigabits ?? (8 * bytesPerSecond) / 1e9).toPrecision(3))} Gbit/s, ${latencyMs} ms`;
}

/** From the medians, and from the least times, which a busy machine disturbs less. */
function hidden(layer: OverlapMeasurement, form: HidingForm): string {
  const percent = (share: number) => (100 * share).toFixed(0);
  const least = hiddenShare(layer, form, (rounds) => Math.min(...rounds));
  return `${percent(hiddenShare(layer, form))} % (${percent(least)} %)`;
}

/** The times of layers and their parts, what was hidden and predicted, and the blocks. @param note how links came about */
export function overlapTables(answers: readonly RanksAnswer[], note: string): Table[] {
  const layers = answers.flatMap((answer) =>
    answer.layers.map((layer) => {
      const { ranks, layout, link } = layer.case;
      return { layer, about: [answer.transport, linkText(answer, link), `${ranks}`, layout] };
    }),
  );
  const sizes = new Set(layers.map(({ layer }) => sizeText(layer.case)));
  return [
    {
      title: `Layers on ranks, milliseconds: ${[...sizes].join("; ")}`,
      columns: [
        ...["over", "link", "ranks", "layout", "products", "transfer", "both ways"],
        ...["plain", "ring", "both ways", "hidden by the ring", "both ways"],
      ],
      rows: layers.map(({ layer, about }) => [
        ...about,
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
      columns: ["over", "link", "ranks", "layout", "form", "measured", "predicted", "error"],
      rows: layers.flatMap(({ layer, about }) =>
        forecasts(layer).map(({ form, measured, predicted, error }) => [
          ...about,
          form,
          `${digits(measured)} ms`,
          `${digits(predicted)} ms`,
          `${error >= 0 ? "+" : ""}${(100 * error).toFixed(1)} %`,
        ]),
      ),
      note: "Predicted from single products, sums, messages and collectives that were timed before, by playing the schedule in simulated time.",
    },
    blockTable(answers),
  ];
}

function blockTable(answers: readonly RanksAnswer[]): Table {
  return {
    title: "Encoders of parallel blocks against sequential ones, milliseconds of a forward pass",
    columns: [
      ...["over", "link", "ranks", "encoder", "parallel, ring", "sequential, ring"],
      ...["parallel, plain", "sequential, plain", "sequential/parallel in rings"],
    ],
    rows: answers.flatMap((answer) =>
      answer.blocks.map(({ case: given, times }) => [
        ...[answer.transport, linkText(answer, given.link), `${given.ranks}`],
        `${given.depth} blocks of width ${given.width}, ${256 * given.images} tokens`,
        spread(times["parallel, ring"]),
        spread(times["sequential, ring"]),
        spread(times["parallel, plain"]),
        spread(times["sequential, plain"]),
        digits(sequentialOverParallel({ times })),
      ]),
    ),
    note: "A parallel block sends 2·d·(k − 1)/k elements a token, a sequential one twice that.",
  };
}

function sizeText({ layout, rows, inputs, outputs }: OverlapCase): string {
  return `${layout} ${rows}×${inputs} · ${inputs}×${outputs}`;
}
