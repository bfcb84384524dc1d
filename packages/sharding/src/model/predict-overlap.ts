import { jit } from "@vitscale/core";
import { meshRank } from "../communicator.ts";
import { shapeOnly } from "../layout/shape-only.ts";
import { layerParts } from "../measure/layer-parts.ts";
import { type OverlapCase, type OverlapPart, overlapParts } from "../measure/overlap.ts";
import { createMesh } from "../mesh.ts";
import { cutProgram } from "../program/cut.ts";
import { type Device, type Link, predict } from "./predict.ts";

/** Milliseconds that a machine is predicted to take for each part of a layer (`measureOverlap` measures them); runs nothing. */
export function predictOverlap(
  given: OverlapCase,
  { device, link }: { readonly device: Device; readonly link: Link },
): Record<OverlapPart, number> {
  const group = meshRank(createMesh({ model: given.ranks }), 0).group("model");
  const parts = layerParts(given, group);
  const milliseconds = (part: OverlapPart) => {
    const { compute, shapes } = parts[part];
    const program = jit(compute).graph(shapes.map((shape) => shapeOnly(shape)));
    return 1e3 * predict(cutProgram(program), { device, links: { [group.over]: link } }).seconds;
  };
  return Object.fromEntries(overlapParts.map((part) => [part, milliseconds(part)])) as Record<OverlapPart, number>;
}
