import * as tf from "@tensorflow/tfjs-core";
import { broadcast } from "./broadcast.ts";
import { type GradientRule, ruleOfList } from "./rule.ts";

/**
 * The gradient of `terms → output` by one of its operands: the einsum of dy with the other operands onto the labels of
 * this one. A label that only this operand has was summed away, so its axis is broadcast back.
 */
function operandGradient(
  dy: tf.Tensor,
  operands: readonly tf.Tensor[],
  terms: readonly string[],
  output: string,
  which: number,
): tf.Tensor {
  const labels = [...(terms[which] as string)];
  const others = terms.flatMap((term, i) => (i === which ? [] : [{ term, operand: operands[i] as tf.Tensor }]));
  const given = output + others.map(({ term }) => term).join("");
  const present = labels.filter((label) => given.includes(label)).join("");
  const equation = `${[output, ...others.map(({ term }) => term)].join(",")}->${present}`;
  const shape = (operands[which] as tf.Tensor).shape;
  const gradient = tf.einsum(equation, dy, ...others.map(({ operand }) => operand));
  if (present.length === labels.length) return gradient;
  const expanded = labels.map((label, axis) => (given.includes(label) ? (shape[axis] as number) : 1));
  return broadcast(tf.reshape(gradient, expanded), shape);
}

/** Sums of products by subscripts. tfjs itself has no gradient for them. */
export const einsumGradients: readonly GradientRule[] = [
  ruleOfList<tf.EinsumAttrs>("Einsum", (dy, operands, { equation }) => {
    const [inputs, output] = equation.replace(/\s/g, "").split("->") as [string, string];
    const terms = inputs.split(",");
    return operands.map((_, which) => () => operandGradient(dy, operands, terms, output, which));
  }),
];
