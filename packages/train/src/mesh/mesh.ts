import { createMesh, type Mesh } from "@vitscale/sharding";
import { partitionParameters } from "@vitscale/vit";
import type { ResolvedConfig } from "../config/train-config.ts";

/** Ranks of a run: `data` of them see different images, `model` of them share the features of each. 1 where nothing is given. */
export interface RunAxes {
  readonly data?: number;
  readonly model?: number;
}

/** Both axes of a run's mesh. */
export type RunMeshAxes = { readonly data: number; readonly model: number };

/** The mesh of a run. Ranks that share features have consecutive numbers. */
export type RunMesh = Mesh<RunMeshAxes>;

/**
 * The axes that a text such as `data=2,model=2` names.
 *
 * @throws RangeError when it names others, or one twice.
 */
export function parseAxes(text: string): RunAxes {
  const axes: { data?: number; model?: number } = {};
  for (const part of text.split(",")) {
    const [, name, ranks] = /^(data|model)=(\d+)$/.exec(part.trim()) ?? [];
    const axis = name as keyof RunAxes | undefined;
    if (axis === undefined || axes[axis] !== undefined) {
      throw new RangeError(
        `"${text}" is no mesh; say how many ranks see different images, and how many share a model: data=2,model=2`,
      );
    }
    axes[axis] = Number(ranks);
  }
  return axes;
}

/**
 * The mesh that a run is to be trained on.
 *
 * @throws RangeError when an axis has no ranks, model or batches cannot be shared equally, or the configuration has what ranks do not
 *   do together.
 */
export function meshOf({ data = 1, model = 1 }: RunAxes, config: ResolvedConfig): RunMesh {
  const mesh = createMesh({ data, model });
  partitionParameters(config.model, model);
  const batches = { batchSize: config.batchSize } as Record<string, number>;
  for (const [name, { batchSize }] of Object.entries(config.evaluations)) {
    batches[`evaluations.${name}.batchSize`] = batchSize;
  }
  for (const [field, size] of Object.entries(batches)) {
    if (size % data === 0) continue;
    const below = size - (size % data);
    const choices = below > 0 ? `${below} or ${below + data}` : `${data}`;
    throw new RangeError(`${data} data ranks cannot share ${field} ${size} equally; make it ${choices}`);
  }
  refuse(config);
  return mesh;
}

/** @throws RangeError naming the first field that needs a run without a mesh. */
function refuse({ optimizer, microBatches, teacher, stability, evaluations }: ResolvedConfig): void {
  const reasons: Record<string, string | false> = {
    "optimizer.kind adafactor":
      optimizer.kind === "adafactor" &&
      "it factors moments over rows and columns, of which a rank has a part; use adamw or sgd",
    microBatches: microBatches > 1 && "give the mesh more data ranks, or set rematerialize, to save memory",
    teacher: teacher !== null && "a teacher answers for whole batches",
    "stability.observeEverySteps": stability.observeEverySteps !== null && "a rank sees its own features only",
    suites:
      Object.values(evaluations).some(({ suites }) => suites.length > 0) &&
      "run vitscale eval on a checkpoint instead, which is the same whatever mesh wrote it",
  };
  for (const [field, reason] of Object.entries(reasons)) {
    if (reason !== false) throw new RangeError(`a run on a mesh cannot have ${field}: ${reason}`);
  }
}
