import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { listOf, type Rules, required, upcast } from "../rule.ts";
import { activation } from "./elementwise.ts";

/**
 * A sum of products by subscripts, `"bnd,de->bne"`, for one or two operands whose subscripts do not repeat within one:
 * axes are sorted into batch (in both and the result), contracted (in both), free (in one), and summed (in one alone).
 */
function einsum(emit: Emitter, equation: string, operands: readonly Node[]): Node {
  const parts = /^([a-z,]*)->([a-z]*)$/i.exec(equation.replace(/\s/g, ""));
  if (!parts) {
    throw new RangeError(
      `einsum "${equation}" is not of the form "ij,jk->ik"; name every axis by a letter ("..." is not supported)`,
    );
  }
  const [, left, output] = parts as unknown as [string, string, string];
  const subscripts = left.split(",");
  if (operands.length > 2) {
    throw new RangeError(`einsum "${equation}" takes ${operands.length} operands; at most 2 work`);
  }
  for (const letters of subscripts) {
    if (new Set(letters).size !== letters.length) {
      throw new RangeError(
        `einsum "${equation}" has a subscript twice in "${letters}"; take the diagonal by a mask and a sum`,
      );
    }
  }

  const sizes = new Map<string, number>();
  subscripts.forEach((letters, i) => {
    [...letters].forEach((letter, axis) => {
      const size = operands[i]?.shape[axis] as number;
      const other = sizes.get(letter) ?? size;
      if (size !== other)
        throw new RangeError(`einsum "${equation}": axis "${letter}" has ${other} and ${size} elements`);
      sizes.set(letter, size);
    });
  });
  const product = (letters: readonly string[]) =>
    letters.reduce((size, letter) => size * (sizes.get(letter) as number), 1);

  // Truth values are counted; where nothing is summed they stay what they are.
  const isCounting = [...sizes.keys()].some((letter) => !output.includes(letter));
  const isLogical = operands.every(({ dtype }) => dtype === "bool");
  const factors = isLogical ? operands.map((operand) => emit.cast(operand, "int32")) : upcast(emit, operands);
  const finish = (result: Node) => (isLogical && !isCounting ? emit.cast(result, "bool") : result);

  /** Sums the letters that only this operand has. */
  const reduced = factors.map((operand, i) => {
    const letters = [...(subscripts[i] as string)];
    const others = output + subscripts.filter((_, j) => j !== i).join("");
    const alone = letters.flatMap((letter, axis) => (others.includes(letter) ? [] : [axis]));
    return {
      letters: letters.filter((letter) => others.includes(letter)),
      node: emit.reduce("reduceSum", operand, alone),
    };
  });
  const permute = (node: Node, from: readonly string[], to: readonly string[]) =>
    emit.transpose(
      node,
      to.map((letter) => from.indexOf(letter)),
    );

  const [a, b] = reduced as [(typeof reduced)[0], (typeof reduced)[0] | undefined];
  if (!b) return finish(permute(a.node, a.letters, [...output]));
  const batch = a.letters.filter((letter) => b.letters.includes(letter) && output.includes(letter));
  const inner = a.letters.filter((letter) => b.letters.includes(letter) && !output.includes(letter));
  const rows = a.letters.filter((letter) => !b.letters.includes(letter));
  const columns = b.letters.filter((letter) => !a.letters.includes(letter));
  const batchSizes = batch.map((letter) => sizes.get(letter) as number);
  const left2 = emit.reshape(permute(a.node, a.letters, [...batch, ...rows, ...inner]), [
    ...batchSizes,
    product(rows),
    product(inner),
  ]);
  const right2 = emit.reshape(permute(b.node, b.letters, [...batch, ...inner, ...columns]), [
    ...batchSizes,
    product(inner),
    product(columns),
  ]);
  const natural = [...batch, ...rows, ...columns];
  const result = emit.reshape(
    emit.matmul(left2, right2),
    natural.map((letter) => sizes.get(letter) as number),
  );
  return finish(permute(result, natural, [...output]));
}

/** Kernels that multiply matrices. */
export const productRules: Rules = {
  BatchMatMul: (emit, { a, b }, { transposeA, transposeB }) =>
    emit.matmul(a as Node, b as Node, { transposeA: transposeA === true, transposeB: transposeB === true }),
  Einsum: (emit, inputs, { equation }) => einsum(emit, equation as string, listOf(inputs)),
  _FusedMatMul: (emit, inputs, { transposeA, transposeB, activation: name, leakyreluAlpha }) => {
    const product = emit.matmul(required(inputs, "a"), required(inputs, "b"), {
      transposeA: transposeA === true,
      transposeB: transposeB === true,
    });
    const biased = inputs.bias ? emit.add(product, inputs.bias) : product;
    return activation(emit, (name as string | null) ?? "linear", biased, {
      slope: leakyreluAlpha as number,
      weights: inputs.preluActivationWeights,
    });
  },
};
