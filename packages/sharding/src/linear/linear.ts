import * as tf from "@tensorflow/tfjs-core";
import { collectives, nn } from "@vitscale/core";
import { type LinearLayout, linearLayouts } from "./choose.ts";
import { assemble, type Piece, select } from "./pieces.ts";
import { gatherRing, type LinearForm, linearForms, reduceRing } from "./rings.ts";

/** How a parallel linear operation is carried out. */
export interface ParallelLinearOptions {
  readonly layout: LinearLayout;
  /** `ring` by default. */
  readonly form?: LinearForm;
  /** How the backward pass communicates; as the forward pass by default. */
  readonly backwardForm?: LinearForm;
  /**
   * What a gathering layer keeps for the gradient of its kernel: its own block of the inputs, and gathers again (the default),
   * or what it gathered, which takes k times the memory and saves a third of the traffic.
   */
  readonly keep?: "own" | "gathered";
}

/**
 * y = x·kernel + bias over features that k ranks share: x [..., n/k] and y [..., m/k] are blocks of the features, rank by rank.
 *
 * - `gather`: kernel [n, m/k], a block of the columns. Gathers x. Backward, dx = dy·kernelᵀ is reduced, and
 *   dkernel = xᵀ·dy gathers x once more.
 * - `reduce`: kernel [n/k, m], a block of the rows. Reduces the products. Backward, dy is gathered once, for
 *   dx = dy·kernelᵀ and for dkernel = xᵀ·dy.
 *
 * Each rank sends (k − 1)·n/k elements a row to gather, (k − 1)·m/k to reduce, whatever the form; the transposes swap the two.
 * The bias [m/k] is a block of the features in both layouts.
 *
 * @throws RangeError when the shapes do not fit, TypeError for a layout or form that is none.
 */
export function parallelLinear(
  x: tf.Tensor,
  { kernel, bias }: nn.LinearParameters,
  group: collectives.RankGroup,
  { layout, form = "ring", backwardForm = form, keep = "own" }: ParallelLinearOptions,
): tf.Tensor {
  checkNames(layout, [form, backwardForm]);
  const count = group.ranks.length;
  const outputs = checkShapes(x, kernel, bias, count, layout);
  return tf.tidy(() => {
    const rows = tf.reshape(x, [-1, x.shape.at(-1) as number]);
    const product =
      layout === "gather"
        ? gatherProduct(rows, kernel, group, { form, backwardForm, keep })
        : reduceProduct(rows, kernel, group, { form, backwardForm });
    return tf.reshape(bias ? tf.add(product, bias) : product, [...x.shape.slice(0, -1), outputs]);
  });
}

interface Forms {
  readonly form: LinearForm;
  readonly backwardForm: LinearForm;
}

const sum = (terms: readonly tf.Tensor[]) => terms.reduce((total, term) => tf.add(total, term));

/** x [rows, n/k], kernel [n, m/k] → [rows, m/k]. */
function gatherProduct(
  x: tf.Tensor,
  kernel: tf.Tensor,
  group: collectives.RankGroup,
  { form, backwardForm, keep }: Forms & { readonly keep: "own" | "gathered" },
): tf.Tensor {
  let gathered: readonly Piece[][] = [];
  return nn.withGradient(
    [x, kernel] as const,
    (x, kernel) => {
      const arrivals = gatherRing(x, group, form);
      gathered = arrivals.map(({ pieces }) => [...pieces]);
      const value = sum(arrivals.map(({ matrix, pieces }) => tf.matMul(matrix, select(kernel, 0, pieces))));
      return { value, save: [kernel, ...(keep === "gathered" ? arrivals.map(({ matrix }) => matrix) : [x])] };
    },
    (dy, [kernel, ...kept]) => {
      const weights = kernel as tf.Tensor;
      const block = (weights.shape[0] as number) / group.ranks.length;
      const dx = reduceRing(group, backwardForm, block, (pieces) =>
        tf.matMul(dy, select(weights, 0, pieces), false, true),
      );
      const arrivals =
        keep === "gathered"
          ? gathered.map((pieces, i) => ({ matrix: kept[i] as tf.Tensor, pieces }))
          : gatherRing(collectives.after(kept[0] as tf.Tensor, dy), group, backwardForm);
      const parts = arrivals.map(({ matrix, pieces }) => ({ matrix: tf.matMul(matrix, dy, true), pieces }));
      return [dx, assemble(parts, 0)] as const;
    },
  );
}

/** x [rows, n/k], kernel [n/k, m] → [rows, m/k]. */
function reduceProduct(
  x: tf.Tensor,
  kernel: tf.Tensor,
  group: collectives.RankGroup,
  { form, backwardForm }: Forms,
): tf.Tensor {
  return nn.withGradient(
    [x, kernel] as const,
    (x, kernel) => {
      const block = (kernel.shape[1] as number) / group.ranks.length;
      const value = reduceRing(group, form, block, (pieces) => tf.matMul(x, select(kernel, 1, pieces)));
      return { value, save: [x, kernel] };
    },
    (dy, saved) => {
      const [x, kernel] = saved as [tf.Tensor, tf.Tensor];
      const arrivals = gatherRing(dy, group, backwardForm);
      const dx = sum(arrivals.map(({ matrix, pieces }) => tf.matMul(matrix, select(kernel, 1, pieces), false, true)));
      const parts = arrivals.map(({ matrix, pieces }) => ({ matrix: tf.matMul(x, matrix, true), pieces }));
      return [dx, assemble(parts, 1)] as const;
    },
  );
}

/** Names come from configurations too. */
function checkNames(layout: LinearLayout, forms: readonly LinearForm[]): void {
  const form = forms.find((each) => !linearForms.includes(each));
  if (form !== undefined) {
    throw new TypeError(`"${form}" is no form of a linear operation; there are ${linearForms.join(", ")}`);
  }
  if (!linearLayouts.includes(layout)) {
    throw new TypeError(`"${layout}" is no layout of a linear operation; there are ${linearLayouts.join(", ")}`);
  }
}

/** Checks the shapes of one rank's parts, and returns the features of its part of y. */
function checkShapes(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | undefined,
  count: number,
  layout: LinearLayout,
): number {
  const [rows, columns] = kernel.shape as [number, number];
  const own = x.shape.at(-1);
  const [inputs, outputs] = layout === "gather" ? [rows / count, columns] : [rows, columns / count];
  if (kernel.rank !== 2 || x.rank === 0 || own !== inputs || !Number.isInteger(outputs)) {
    const rule = layout === "gather" ? "[n, m/k]" : "[n/k, m], m a multiple of k";
    throw new RangeError(
      `a ${layout} layer on k = ${count} ranks takes x [..., n/k] and a kernel ${rule}, but x is [${x.shape}] and the ` +
        `kernel [${kernel.shape}]`,
    );
  }
  if (bias && (bias.rank !== 1 || bias.shape[0] !== outputs)) {
    throw new RangeError(
      `the bias of a kernel [${kernel.shape}] on ${count} ranks has shape [${outputs}] on each, but [${bias.shape}] was given`,
    );
  }
  return outputs;
}
