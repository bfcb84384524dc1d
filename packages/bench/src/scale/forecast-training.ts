import { forecastStep, type LinearForm, type Machine, planSharding } from "@vitscale/sharding";
import { modelFlopsPerToken, tokenCount, type ViTConfig } from "@vitscale/vit";
import { recordTrainingStep, specsOf, type TrainingMesh } from "./training-step.ts";

/** An accelerator and the links to its neighbours, in published numbers and stated assumptions. */
export interface Accelerator {
  readonly name: string;
  /** FLOP/s of bfloat16 products, at best. */
  readonly peakFlops: number;
  /** The share of the peak that single products reach. */
  readonly productShare: number;
  /** Bytes of memory, and bytes that it reads and writes a second. */
  readonly memory: number;
  readonly memoryBytesPerSecond: number;
  /** Along each mesh axis, each way. */
  readonly link: { readonly bytesPerSecond: number; readonly latency: number };
}

/** TPUv4 (Jouppi et al. 2023): 275 TFLOP/s, 32 GiB, 1.2 TB/s, 45 GB/s a link and direction. Products at 75 % and 2 µs a hop are assumed. */
export const tpuV4: Accelerator = {
  name: "TPUv4",
  peakFlops: 275e12,
  productShare: 0.75,
  memory: 32 * 2 ** 30,
  memoryBytesPerSecond: 1.2e12,
  link: { bytesPerSecond: 45e9, latency: 2e-6 },
};

/** Parameter, gradient and two moments in float32. */
const stateBytesPerParameterByte = 4;
/** Programs are recorded in float32; what is computed and sent is bfloat16. */
const sizeOfBfloat16 = 1 / 2;

/** How one rank trains. */
export interface TrainingForecast {
  readonly seconds: number;
  readonly bytes: number;
  /** By the formula of the paper, which counts nothing that is computed twice. */
  readonly utilisation: number;
  /** Parts into which the images of a step are cut, one after the other. */
  readonly microBatches: number;
  readonly isRecomputed: boolean;
  readonly form: LinearForm;
}

/** What is trained, and on what. */
export interface Training {
  readonly config: ViTConfig;
  readonly accelerator: Accelerator;
  /** Images of a step for each rank. */
  readonly imagesPerRank: number;
}

/** The machine as `predict` takes it: bytes are those of float32. */
export function machineOf({ peakFlops, productShare, memoryBytesPerSecond, link }: Accelerator): Machine {
  const narrow = { bytesPerSecond: link.bytesPerSecond / sizeOfBfloat16, latency: link.latency };
  return {
    device: { productFlops: productShare * peakFlops, bytesPerSecond: memoryBytesPerSecond / sizeOfBfloat16 },
    links: { data: narrow, model: narrow },
  };
}

/**
 * The fastest way to train on a mesh that the memory allows: with everything kept, or blocks computed again; each with the fewest
 * micro-batches that fit. Where nothing fits, the one that needs the least.
 *
 * @throws RangeError when the model cannot be laid out on the mesh
 */
export function forecastTraining(training: Training, mesh: TrainingMesh, form: LinearForm): TrainingForecast {
  const { config, accelerator, imagesPerRank } = training;
  const state = stateBytesPerParameterByte * planSharding(specsOf(config, mesh), mesh).bytesPerRank;
  const ofPlan = (microBatches: number, isRecomputed: boolean): TrainingForecast => {
    const images = (imagesPerRank * mesh.axes.model) / microBatches;
    const record = (depth: number) =>
      recordTrainingStep({ ...config, depth }, mesh, {
        images,
        form,
        ...(isRecomputed && { rematerialize: "block" }),
      });
    const step = forecastStep({ record, depth: config.depth }, machineOf(accelerator));
    const seconds = microBatches * step.seconds;
    const flops = modelFlopsPerToken(config) * tokenCount(config) * imagesPerRank;
    return {
      seconds,
      bytes: state + sizeOfBfloat16 * step.intermediateBytes,
      utilisation: flops / seconds / accelerator.peakFlops,
      ...{ microBatches, isRecomputed, form },
    };
  };
  // More parts gather the parameters more often, so the fewest that fit are the fastest.
  const parts = powersOfTwo(imagesPerRank * mesh.axes.model);
  const found = [false, true].map((isRecomputed) => {
    const whole = ofPlan(1, isRecomputed);
    // At best, intermediate values shrink with the images.
    const isHopeless = (microBatches: number) => state + (whole.bytes - state) / microBatches > accelerator.memory;
    let forecast = whole;
    for (const microBatches of parts.slice(1)) {
      if (forecast.bytes <= accelerator.memory) break;
      if (!isHopeless(microBatches)) forecast = ofPlan(microBatches, isRecomputed);
    }
    return forecast;
  });
  const fitting = found.filter(({ bytes }) => bytes <= accelerator.memory);
  const least = (of: "seconds" | "bytes", from: readonly TrainingForecast[]) =>
    from.reduce((best, other) => (other[of] < best[of] ? other : best));
  return fitting.length > 0 ? least("seconds", fitting) : least("bytes", found);
}

/** 1, 2, 4 … as far as they divide a number. */
function powersOfTwo(number: number): number[] {
  const powers = [1];
  while (number % (2 * (powers.at(-1) as number)) === 0) powers.push(2 * (powers.at(-1) as number));
  return powers;
}
