import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, defaultEngine, type Engine, type HostTensor, hostTensor, jit } from "@vitscale/core";
import { fold, foldName, keyOf, type Loader, openLoader, type Pipeline } from "@vitscale/data";
import { apply, modelFlopsPerToken, tokenCount, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { averagingShare } from "./averaging.ts";
import { openCheckpoints, restore } from "./checkpoint.ts";
import { buildEvaluationLoss, buildLoss, buildOptimizer } from "./config/build.ts";
import { differences } from "./config/differences.ts";
import type { ResolvedConfig } from "./config/train-config.ts";
import { type EvaluationSums, evaluationStep, meanMetrics } from "./evaluate.ts";
import { finalParameters, initialState } from "./initial-state.ts";
import { describeMachine, describeSource } from "./machine.ts";
import { createMetricWindow } from "./metric-window.ts";
import { measurePeak } from "./peak.ts";
import { createProgress, formatDuration, formatNumber, type ProgressStream } from "./progress.ts";
import { hasRun, type Metrics, readRunInfo, requireFree, runPaths } from "./runs/info.ts";
import { createRun, type RunRecord, resumeRun } from "./runs/record.ts";
import { scheduleFactor } from "./schedules.ts";
import { createStopwatch } from "./stopwatch.ts";
import { compileStep } from "./take-step.ts";

/** Options of {@link train}: where and how, but nothing that changes what is computed. */
export interface TrainOptions {
  /** Folder of the run; `runs/NAME` by default. */
  readonly out?: string;
  /** Go on from the newest checkpoint in the folder; from the beginning where there is none. */
  readonly resume?: boolean;
  /** The fastest engine of this machine by default. */
  readonly engine?: Engine;
  /** When it aborts, the run finishes its step, writes a checkpoint and returns as interrupted. */
  readonly signal?: AbortSignal;
  /** Where progress is shown; standard error by default. */
  readonly stream?: ProgressStream;
  /** FLOP/s that utilisation is a share of; by default what a large product reaches on the engine, measured at the start. */
  readonly peakFlops?: number;
}

/** How a run ended. */
export interface TrainResult {
  readonly status: "finished" | "interrupted";
  readonly folder: string;
  /** Steps that are finished. */
  readonly step: number;
  /** Last values of the evaluations' metrics, such as `validation/top1`. */
  readonly summary: Metrics;
}

type Params = ViTParameters<tf.Tensor>;

/**
 * Trains a model as its configuration says, and leaves the run in a folder: record, metrics, evaluations, checkpoints.
 *
 * The same configuration on the same machine gives the same numbers bit by bit, also when the run was stopped or killed and resumed.
 *
 * @throws Error when data, model and configuration do not fit together, the loss is no longer a number, or a file cannot be written.
 *   What was recorded until then stays, and the run can be resumed.
 */
export async function train(config: ResolvedConfig, options: TrainOptions = {}): Promise<TrainResult> {
  const { model, batchSize, steps, seed, pixels } = config;
  const { out: folder = join("runs", config.name), resume = false, engine = defaultEngine(), signal, stream } = options;
  if (!resume) requireFree(folder);

  //////////////////////////////////////////////////////////////////////////////
  // Engine and progress
  //////////////////////////////////////////////////////////////////////////////

  const progress = createProgress(steps, stream);
  const { name: engineName, reason } = engine.describe();
  const peakFlops = options.peakFlops ?? (await measurePeak(engine));
  progress.note(`engine ${engineName}: ${reason}; a large product runs at ${Math.round(peakFlops / 1e9)} GFLOP/s`);

  //////////////////////////////////////////////////////////////////////////////
  // Model, loss, optimizer
  //////////////////////////////////////////////////////////////////////////////

  const loss = buildLoss(config.loss);
  const optimizer = buildOptimizer(config.optimizer);
  // Evaluation passes no key, and then nothing is dropped.
  const predict = (params: Params, images: tf.Tensor, key?: tf.Tensor) =>
    apply(params, images, model, { keep: () => false, ...(key && { train: true, key }) }).logits;
  const isNoisy = model.dropout > 0 || model.stochasticDepth > 0;

  let state = initialState(config, optimizer);
  let step = 0;

  //////////////////////////////////////////////////////////////////////////////
  // Resume: state, step, and the metrics of a window that the checkpoint cut
  //////////////////////////////////////////////////////////////////////////////

  const checkpoints = openCheckpoints(runPaths(folder).checkpoints, { keep: config.checkpoints.keep });
  let window = createMetricWindow();
  if (resume) {
    const checkpoint = await checkpoints.latest(progress.note);
    if (checkpoint) {
      state = restore(checkpoint, state);
      step = checkpoint.step;
      window = createMetricWindow(checkpoint.window);
    }
  }

  let record: RunRecord | undefined;
  const closing: (() => Promise<void>)[] = [];
  try {
    ////////////////////////////////////////////////////////////////////////////
    // Data
    ////////////////////////////////////////////////////////////////////////////

    const open = async (pipeline: Pipeline, start: number) => {
      const loader = await openLoader({ ...pipeline, seed }, { ...config.loader, start: { step: start } });
      closing.push(() => loader.close());
      requireFit(loader, model);
      return loader;
    };

    const loader = await open({ ...config.data, batchSize, shuffle: true }, step);
    const { length: classes } = loader.source.classes;
    const epochs = formatNumber(steps / loader.stepsPerEpoch);
    progress.note(`${loader.samples} images of ${classes} classes; ${epochs} epochs of batches of ${batchSize}`);

    // An evaluation is one pass over data without end that stay open: decoded images are kept from one to the next.
    const evaluations: { name: string; everySteps: number; loader: Loader }[] = [];
    for (const [name, { data, everySteps, batchSize: rows }] of Object.entries(config.evaluations)) {
      const pipeline = { ...data, batchSize: rows, shuffle: false, epochs: Number.POSITIVE_INFINITY };
      evaluations.push({ name, everySteps, loader: await open(pipeline, 0) });
    }

    ////////////////////////////////////////////////////////////////////////////
    // Record
    ////////////////////////////////////////////////////////////////////////////

    const facts = {
      ...{ name: config.name, status: "running" as const, config, seed, step, steps },
      source: describeSource(process.cwd()),
      machine: describeMachine(),
      engine: { name: engineName, reason },
    };
    const isContinuation = resume && hasRun(folder);
    const changes = isContinuation ? differences(readRunInfo(folder).config, config) : [];
    const run = isContinuation ? resumeRun(folder, step, facts) : createRun(folder, facts);
    record = run;
    if (resume) progress.note(step > 0 ? `resumed at step ${step}` : "there is no checkpoint; starting at step 0");
    for (const change of changes) progress.note(`changed since the run began: ${change}`);

    ////////////////////////////////////////////////////////////////////////////
    // Step and evaluators
    ////////////////////////////////////////////////////////////////////////////

    const clipNorm = config.clipNorm ?? Infinity;
    const parts = { predict, loss, optimizer, pixels, classes: model.classes, clipNorm };
    const remat = config.rematerialize && { rematerialize: config.rematerialize };
    const takeStep = compileStep(parts, { engine, microBatches: config.microBatches, ...remat });
    const evaluated = { ...parts, loss: buildEvaluationLoss(config.loss) };
    const evaluateBatch = jit(evaluationStep(evaluated), { engine, name: "evaluation step" });
    closing.push(takeStep.dispose, evaluateBatch.dispose);

    const evaluate = async ({ name, loader }: (typeof evaluations)[number]) => {
      const sums: EvaluationSums<DeviceTensor>[] = [];
      for (let batch = 0; batch < loader.stepsPerEpoch; batch++) {
        const { image: images, label: labels, mask } = await nextBatch(loader);
        sums.push(await evaluateBatch(finalParameters(state), { images, labels, mask }));
      }
      const metrics = await meanMetrics(sums);
      run.evaluation(name, step, metrics);
      const top1 = (100 * metrics.top1).toFixed(2);
      progress.note(`step ${step}  ${name}: top-1 ${top1} %, loss ${formatNumber(metrics.loss)}`);
    };

    ////////////////////////////////////////////////////////////////////////////
    // Training loop
    ////////////////////////////////////////////////////////////////////////////

    const imageFlops = modelFlopsPerToken(model) * tokenCount(model);
    const learningRateAt = (at: number) => config.learningRate * scheduleFactor(config.schedule, steps, at);
    const isDue = (every: number) => step % every === 0 || step === steps;
    const watch = createStopwatch();
    let logged = step;
    let timed = step;
    let begun: { step: number; time: number } | undefined;

    while (step < steps && !signal?.aborted) {
      watch.enter("data");
      const batch = await nextBatch(loader);

      watch.enter("step");
      const inputs = {
        learningRate: learningRateAt(step),
        ...optimizer.scalars(step),
        ...(batch.mix && { mixup: batch.mix.coefficient }),
        ...(config.averaging && { averagingShare: averagingShare(config.averaging, step) }),
        ...(isNoisy && { key: stepKey(seed, step) }),
      };
      const result = await takeStep(state, { images: batch.image, labels: batch.label }, inputs);
      state = result.state;
      window.add(result.metrics);
      step += 1;

      watch.enter("other");
      progress.tick(step);
      if (begun === undefined) {
        // The first step waits for the workers and the compiler; timings begin after it.
        progress.note(`compiled; the first step took ${formatDuration(watch.take().step)}`);
        begun = { step, time: performance.now() };
        timed = step;
      }

      if (isDue(config.logEverySteps)) {
        const metrics = await window.take();
        requireFinite(metrics, logged, step);
        const time = watch.take();
        const count = step - timed;
        const seconds = time.data + time.step + time.other;
        const imagesPerSecond = (count * batchSize) / seconds;
        const mfu = (imagesPerSecond * imageFlops) / peakFlops;
        run.log(step, {
          ...metrics,
          "optim/learning-rate": learningRateAt(step - 1),
          "data/epoch": step / loader.stepsPerEpoch,
          "memory/rss-bytes": process.memoryUsage.rss(),
          ...(count > 0 && {
            "time/step-ms": (1000 * time.step) / count,
            "time/data-ms": (1000 * time.data) / count,
            "time/other-ms": (1000 * time.other) / count,
            "time/images-per-second": imagesPerSecond,
            "time/mfu": mfu,
          }),
        });
        const secondsPerStep = (performance.now() - begun.time) / 1000 / (step - begun.step);
        progress.report({
          step,
          loss: metrics["train/loss"] as number,
          ...(count > 0 && {
            imagesPerSecond,
            mfu,
            dataShare: time.data / seconds,
            secondsLeft: secondsPerStep * (steps - step),
          }),
        });
        logged = timed = step;
      }

      watch.enter("evaluate");
      for (const evaluation of evaluations) if (isDue(evaluation.everySteps)) await evaluate(evaluation);

      watch.enter("checkpoint");
      if (isDue(config.checkpoints.everySteps) || signal?.aborted) {
        const values = await window.read();
        requireFinite(values, logged, step);
        await checkpoints.save(state, { step, seed, config, window: values });
        run.update({ step });
      }
    }

    ////////////////////////////////////////////////////////////////////////////
    // End
    ////////////////////////////////////////////////////////////////////////////

    const status = step === steps ? "finished" : "interrupted";
    run.update({ status, step });
    progress.note(`${status} at step ${step} of ${steps}; the run is in ${folder}`);
    return { status, folder, step, summary: run.info.summary };
  } catch (error) {
    try {
      record?.update({ status: "failed", step, error: error instanceof Error ? error.message : String(error) });
    } catch {
      // The disk that failed the run may refuse this too; the first error is the one to report.
    }
    throw error;
  } finally {
    progress.end();
    await Promise.all(closing.map((close) => close()));
  }
}

/** The random key of a step: a function of seed and step, so that a resumed run goes on with the same noise. */
function stepKey(seed: number, step: number): HostTensor<"int32"> {
  return hostTensor("int32", [2], Int32Array.from(fold(foldName(keyOf(seed), "noise"), step)));
}

/** The next batch of data that do not end. */
async function nextBatch(loader: Loader) {
  const batch = await loader.next();
  if (batch === undefined) throw new Error("internal: the data ended");
  return batch;
}

/** @throws RangeError when the model cannot read the images or has another number of classes. */
function requireFit({ format, source }: Loader, model: ViTConfig): void {
  const { height, width, channels } = format;
  const { imageSide, classes } = model;
  if (height !== imageSide || width !== imageSide || channels !== model.channels) {
    throw new RangeError(
      `images are ${height}x${width}x${channels} after preprocessing, but the model takes ${imageSide}x${imageSide}x${model.channels}; ` +
        "end preprocess with a resize or crop to that size (toChannels changes channels), or change model.imageSide",
    );
  }
  if (source.classes.length !== classes) {
    throw new RangeError(
      `the data has ${source.classes.length} classes, but the model has ${classes}; set model.classes to ${source.classes.length}`,
    );
  }
}

/** @throws Error naming the first metric that is not a finite number, and the steps in which it became so. */
function requireFinite(
  metrics: Readonly<Record<string, number | readonly number[]>>,
  after: number,
  step: number,
): void {
  for (const [name, values] of Object.entries(metrics)) {
    const wrong = [values].flat().find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    throw new Error(
      `${name} became ${wrong} in the steps ${after + 1} to ${step}; lower learningRate, lengthen schedule.warmupSteps, or set ` +
        "model.qkNorm, then go on from the last checkpoint by --resume",
    );
  }
}
