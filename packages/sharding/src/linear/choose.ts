import type { LinearForm } from "./rings.ts";

/**
 * Which side of a linear operation is communicated (Dehghani et al. 2023, §3). In the paper's y = A·x, `gather` is A sharded by
 * rows: every rank needs all of x and makes its block of y. `reduce` is A sharded by columns: every rank has a share in all
 * of y, and the shares are summed. Our kernels are Aᵀ, so the former has a block of the kernel's columns, the latter of its rows.
 */
export const linearLayouts = ["gather", "reduce"] as const;

export type LinearLayout = (typeof linearLayouts)[number];

/** A parallel linear operation, but for its size. */
export interface LinearPlan {
  readonly layout: LinearLayout;
  readonly form: LinearForm;
  /** Why, for plans and logs. */
  readonly reason: string;
}

/** Elements that each rank sends for every row: of the inputs where they are gathered, of the outputs where they are reduced. */
export function elementsSent(layout: LinearLayout, inputs: number, outputs: number, ranks: number): number {
  return ((layout === "gather" ? inputs : outputs) / ranks) * (ranks - 1);
}

/**
 * The layout that sends less: gather the inputs unless the outputs are fewer. So the output layer of an MLP, and the fused
 * output projection of a parallel block, reduce; everything else gathers.
 */
export function chooseLayout(inputs: number, outputs: number): LinearLayout {
  return inputs <= outputs ? "gather" : "reduce";
}

/** The layout and form for a kernel [inputs, outputs], with the reason; what is given is not chosen. */
export function planLinear(
  inputs: number,
  outputs: number,
  ranks: number,
  {
    layout,
    form = "ring",
  }: { readonly layout?: LinearLayout | undefined; readonly form?: LinearForm | undefined } = {},
): LinearPlan {
  const chosen = layout ?? chooseLayout(inputs, outputs);
  const sent = (each: LinearLayout) => `${elementsSent(each, inputs, outputs, ranks)} to ${each}`;
  const reason = layout === undefined ? `elements sent a row: ${sent("gather")}, ${sent("reduce")}` : "as asked for";
  return { layout: chosen, form, reason };
}
