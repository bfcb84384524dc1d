import * as tf from "@tensorflow/tfjs-core";
import { collectives } from "@vitscale/core";
import { halves, type Piece } from "./pieces.ts";

/**
 * How a parallel linear operation communicates: `plain` gathers or reduces in one collective before or after one product;
 * `ring` cuts both into k steps, in which a block travels while another is multiplied; `bidirectional` sends half of each
 * block either way round the ring, so that each link carries half as much at a time.
 */
export const linearForms = ["plain", "ring", "bidirectional"] as const;

export type LinearForm = (typeof linearForms)[number];

/** Rows [n, size] that are at this rank at one step, and the features that they are. */
export interface Arrival {
  readonly matrix: tf.Tensor;
  readonly pieces: readonly Piece[];
}

const around = (position: number, count: number) => ((position % count) + count) % count;

/** The form that is possible: a ring of one rank is none, and what cannot be halved goes one way. */
function possible(form: LinearForm, count: number, block: number): LinearForm {
  if (count === 1) return "plain";
  return form === "bidirectional" && block < 2 ? "ring" : form;
}

const columns = (x: tf.Tensor, begin: number, size: number) => tf.slice(x, [0, begin], [x.shape[0] as number, size]);

/**
 * The blocks x [rows, block] of all ranks as they arrive: step s brings that of rank i − s, or of two ranks one half each. The
 * blocks together are the features of the whole, rank by rank. Sends (k − 1)·rows·block elements.
 */
export function gatherRing(x: tf.Tensor, group: collectives.RankGroup, form: LinearForm): Arrival[] {
  const count = group.ranks.length;
  const [, block] = x.shape as [number, number];
  const of = (step: number) => around(group.position - step, count) * block;
  switch (possible(form, count, block)) {
    case "plain": {
      const matrix = count === 1 ? x : collectives.allGather(x, group, 1);
      return [{ matrix, pieces: [{ begin: 0, size: count * block }] }];
    }
    case "ring": {
      const arrivals: Arrival[] = [];
      let matrix = x;
      for (let step = 0; step < count; step++) {
        if (step > 0) matrix = collectives.ringShift(matrix, group, 1);
        arrivals.push({ matrix, pieces: [{ begin: of(step), size: block }] });
      }
      return arrivals;
    }
    case "bidirectional": {
      const [low, high] = halves(block);
      let [forward, backward] = [columns(x, 0, low), columns(x, low, high)];
      const arrivals: Arrival[] = [{ matrix: x, pieces: [{ begin: of(0), size: block }] }];
      for (let step = 1; step < count; step++) {
        forward = collectives.ringShift(forward, group, 1);
        backward = collectives.ringShift(backward, group, -1);
        arrivals.push({
          matrix: tf.concat([forward, backward], 1),
          pieces: [
            { begin: of(step), size: low },
            { begin: of(-step) + low, size: high },
          ],
        });
      }
      return arrivals;
    }
    default:
      throw new Error(`internal: there is no form "${form}"`);
  }
}

/**
 * The sum over all ranks of what each has for all features, of which this rank gets its own block: [rows, block].
 * `partial(pieces)` computes this rank's share of some features [rows, their number]; a sum travels while the share that
 * is added to it on arrival is computed. Sends (k − 1)·rows·block elements.
 */
export function reduceRing(
  group: collectives.RankGroup,
  form: LinearForm,
  block: number,
  partial: (pieces: readonly Piece[]) => tf.Tensor,
): tf.Tensor {
  const count = group.ranks.length;
  const of = (step: number) => around(group.position - 1 - step, count) * block;
  // The other way round, the sum for rank j starts at rank j − 1.
  const back = (step: number) => around(group.position + 1 + step, count) * block;
  switch (possible(form, count, block)) {
    case "plain": {
      const whole = partial([{ begin: 0, size: count * block }]);
      return count === 1 ? whole : collectives.reduceScatter(whole, group, 1);
    }
    case "ring": {
      let sum = partial([{ begin: of(0), size: block }]);
      for (let step = 1; step < count; step++) {
        sum = tf.add(collectives.ringShift(sum, group, 1), partial([{ begin: of(step), size: block }]));
      }
      return sum;
    }
    case "bidirectional": {
      const [low, high] = halves(block);
      // Two products instead of one in two parts: the first half travels while the second is computed, and nothing is cut apart.
      const lower = (step: number) => partial([{ begin: of(step), size: low }]);
      const upper = (step: number) => partial([{ begin: back(step) + low, size: high }]);
      let [forward, backward] = [lower(0), upper(0)];
      for (let step = 1; step < count; step++) {
        forward = tf.add(collectives.ringShift(forward, group, 1), lower(step));
        backward = tf.add(collectives.ringShift(backward, group, -1), upper(step));
      }
      return tf.concat([forward, backward], 1);
    }
    default:
      throw new Error(`internal: there is no form "${form}"`);
  }
}
