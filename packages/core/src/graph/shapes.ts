/**
 * The shape of a broadcast of several operands, as in NumPy: aligned at the last axis, an axis of 1 stretches.
 *
 * @throws RangeError naming the two shapes that do not fit.
 */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): number[] {
  const result: number[] = [];
  for (const shape of shapes) {
    for (let fromEnd = 1; fromEnd <= shape.length; fromEnd++) {
      const axis = shape[shape.length - fromEnd] as number;
      const index = result.length - fromEnd;
      if (index < 0) result.unshift(axis);
      else if (result[index] === 1) result[index] = axis;
      else if (axis !== 1 && axis !== result[index]) {
        throw new RangeError(
          `shapes ${shapes.map((s) => `[${s}]`).join(" and ")} do not broadcast: ` +
            `axis ${-fromEnd} is ${result[index]} in one and ${axis} in another; they must be equal or 1`,
        );
      }
    }
  }
  return result;
}

/** Elements to step for one step along each axis of a dense row-major tensor. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  }
  return strides;
}

/** Whether two shapes are equal axis by axis. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((axis, index) => axis === b[index]);
}

/** `[0, 1, …, length − 1]`. */
export function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** The shape of what is left when axes are reduced: without them, or with `keepDims` as axes of one. */
export function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
}
