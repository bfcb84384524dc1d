import { sizeOf } from "@vitscale/core";
import { buildParameters } from "./build-parameters.ts";
import type { ViTConfig } from "./config.ts";
import type { ViTParameters } from "./parameters.ts";

/** The shape of a parameter without its values. */
export interface ParameterShape {
  readonly shape: readonly number[];
}

/** The parameter tree of a model with shapes for leaves: nothing is allocated, so ViT-22B costs as much as ViT-S. */
export function parameterShapes(config: ViTConfig): ViTParameters<ParameterShape> {
  return buildParameters<ParameterShape>(config, {
    make: (_path, shape) => ({ shape }),
    concat: (parts, axis) => ({
      shape: parts[0]!.shape.map((dim, index) =>
        index === axis ? parts.reduce((sum, part) => sum + part.shape[axis]!, 0) : dim,
      ),
    }),
    sum: (parts) => parts[0]!,
  });
}

/** Whether a node of {@link parameterShapes} is a leaf. */
export function isParameterShape(node: unknown): node is ParameterShape {
  return typeof node === "object" && node !== null && Array.isArray((node as Partial<ParameterShape>).shape);
}

/** Elements of a parameter. */
export function elementsOf({ shape }: ParameterShape): number {
  return sizeOf(shape);
}
