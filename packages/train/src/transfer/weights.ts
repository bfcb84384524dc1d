import { type HostTensor, isHostTensor, treeEntries, treeMap } from "@vitscale/core";
import {
  atResolution,
  fuseParameters,
  init,
  isParameterShape,
  type ParameterShape,
  parameterShapes,
  type Resampling,
  readWeights,
  unfusedConfig,
  unfuseParameters,
  type ViTConfig,
  type ViTParameters,
  type WeightFormat,
} from "@vitscale/vit";
import type { Checkpoint } from "../checkpoints/file.ts";
import { readCheckpoint } from "../checkpoints/file.ts";
import { findCheckpoint } from "../checkpoints/files.ts";
import type { PixelStatistics } from "../images.ts";
import { valuesByName } from "../patterns.ts";
import { requireFunction } from "./require-function.ts";
import { type PixelFields, pixelsSeen } from "./require-pixels.ts";

/** Parameters in host memory. */
export type HostParameters = ViTParameters<HostTensor<"float32">>;

/** A model with its parameters. */
export interface LoadedModel {
  readonly config: ViTConfig;
  readonly params: HostParameters;
  /** The pixels that it was trained on; a file of another library does not say. */
  readonly pixels?: PixelStatistics;
}

/**
 * The model of a run: its newest checkpoint, the best one, or that of a step. Averages are preferred where the run kept some. Which is the
 * newest or the best is decided once, when the run that learns from it begins; its record has the step.
 */
export interface RunWeights {
  readonly kind: "run";
  /** Folder of the run. */
  readonly run: string;
  readonly checkpoint?: "latest" | "best" | number;
}

/** A checkpoint file of another library, .safetensors or .npz. */
export interface FileWeights {
  readonly kind: "file";
  readonly path: string;
  readonly format: WeightFormat;
  /** Side of the images that the file's model takes; that of the model to be trained by default. */
  readonly imageSide?: number;
  /** Classes of the file's model; 0 passes over its head. Those of the model to be trained by default. */
  readonly classes?: number;
  /** Patterns of names in the file that may be left over. */
  readonly ignore?: readonly string[];
}

/** Where trained weights come from. */
export type WeightsSource = RunWeights | FileWeights;

/**
 * A trained model.
 *
 * @param model what the file's model is taken for, apart from what the source says; a run knows its own
 * @throws Error when there is no such file or run, RangeError listing what is missing, unknown, or of another shape.
 */
export async function loadModel(source: WeightsSource, model: ViTConfig): Promise<LoadedModel> {
  if (source.kind === "run") {
    return modelOf(await readCheckpoint(findCheckpoint(source.run, source.checkpoint)));
  }
  const { path, format, imageSide = model.imageSide, classes = model.classes, ignore = [] } = source;
  const config = { ...model, imageSide, classes };
  const passedOver = classes === 0 ? [headNames[format]] : [];
  return { config, params: await readWeights(path, format, config, { ignore: [...passedOver, ...ignore] }) };
}

/** Their names of a classifier, for models that are read without one. */
const headNames: Readonly<Record<WeightFormat, string>> = {
  timm: "head\\..+",
  "hugging-face": "classifier\\..+",
  "big-vision": "(.+/)?head/.+",
};

/** The model in a checkpoint of a run. */
export function modelOf({ tensors, config, path }: Checkpoint): LoadedModel {
  const { model, ...trained } = config as { readonly model: ViTConfig } & Partial<PixelFields>;
  const params = treeMap(
    (_: ParameterShape, name) => {
      const tensor = tensors.get(`average/${name}`) ?? tensors.get(`params/${name}`);
      if (tensor === undefined) throw new Error(`checkpoint ${path} has no parameter ${name}`);
      return tensor;
    },
    parameterShapes(model),
    isParameterShape,
  );
  const pixels = trained.data && pixelsSeen({ ...trained, data: trained.data });
  return { config: model, params: params as unknown as HostParameters, ...(pixels && { pixels }) };
}

/** How a trained model becomes another one. */
export interface AdaptOptions {
  /** Patterns of parameter names (of the unfused model) that begin anew, such as `["head/.+"]`. */
  readonly fresh?: readonly string[];
  /** How the position table is brought to another number of patches. */
  readonly resampling?: Resampling;
}

/**
 * The parameters of a trained model for another configuration: the position table resampled where the images have another side, fused
 * projections taken apart or put together, and parameters anew where that is asked for.
 *
 * @throws RangeError listing what is missing, left over, or of another shape, or what makes the other model another function of them.
 */
export function adaptParameters(
  { config, params }: LoadedModel,
  target: ViTConfig,
  seed: number,
  { fresh = [], resampling = "corner-aligned" }: AdaptOptions = {},
): HostParameters {
  requireFunction(config, target);
  const unfused = { config: unfusedConfig(config), params: unfuseParameters(params, config) };
  const resized =
    config.imageSide === target.imageSide
      ? unfused
      : atResolution(unfused.params, unfused.config, target.imageSide, resampling);
  const given = new Map(treeEntries<HostTensor<"float32">>(resized.params, isHostTensor));
  const initial = init(unfusedConfig(target), seed);
  const own = treeEntries<HostTensor<"float32">>(initial, isHostTensor).map(([name]) => name);
  const isFresh = valuesByName(
    "fresh",
    [...new Set([...own, ...given.keys()])],
    fresh.map((pattern) => [pattern, true] as const),
    false,
  );

  const complaints: string[] = [];
  const adapted = treeMap(
    (drawn: HostTensor<"float32">, name) => {
      const found = given.get(name);
      given.delete(name);
      if (isFresh.get(name)) return drawn;
      if (found === undefined) complaints.push(`missing: ${name}`);
      else if (`${found.shape}` !== `${drawn.shape}`) {
        complaints.push(`shape: ${name} is [${found.shape}], and [${drawn.shape}] is needed`);
      }
      return found ?? drawn;
    },
    initial,
    isHostTensor,
  );
  for (const name of given.keys()) if (!isFresh.get(name)) complaints.push(`unknown: ${name}`);
  if (complaints.length > 0) {
    throw new RangeError(
      "the trained model does not fit; change model, or begin these parameters anew by patterns in fresh:\n  " +
        complaints.join("\n  "),
    );
  }
  return fuseParameters(adapted as unknown as HostParameters, target);
}
