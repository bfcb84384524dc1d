import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type Engine, type HostTensor, hostTensor, jit } from "@vitscale/core";
import { type Batch as DataBatch, fold, foldName, keyOf, openLoader, type Pipeline } from "@vitscale/data";
import { makeSuite, predict as predictTable, type ScoreImages, type Suite } from "@vitscale/eval";
import { apply, modelFlopsPerToken, tokenCount, type ViTParameters } from "@vitscale/vit";
import { averagingShare } from "./averaging.ts";
import { type BatchFeed, openFeed } from "./batches.ts";
import type { CheckpointFacts } from "./checkpoints/file.ts";
import { bestOf } from "./checkpoints/policy.ts";
import { restore } from "./checkpoints/restore.ts";
import { buildEvaluationLoss, buildLoss, buildOptimizer } from "./config/build.ts";
import { differences } from "./config/differences.ts";
import type { ResolvedConfig } from "./config/train-config.ts";
import { DivergenceError, watchDivergence } from "./diagnostics/divergence.ts";
import { finiteCheck } from "./diagnostics/first-infinite.ts";
import { describeCause } from "./diagnostics/locate.ts";
import { isObserved, observeModel } from "./diagnostics/observe.ts";
import { replay } from "./diagnostics/replay.ts";
import { type EvaluationSums, evaluationStep, meanMetrics } from "./evaluate.ts";
import { evaluateSuites, passOf } from "./evaluate-suites.ts";
import { finalParameters, initialState } from "./initial-state.ts";
import { describeMachine, describeSource } from "./machine.ts";
import { saveBatchPicture } from "./media.ts";
import type { RunAxes } from "./mesh/mesh.ts";
import { type Share, wholeShare } from "./mesh/share.ts";
import { trainOnThreads } from "./mesh/threads.ts";
import { createMetricWindow, readScalars } from "./metric-window.ts";
import { measurePeak } from "./peak.ts";
import { createProgress, formatDuration, formatNumber, type ProgressStream } from "./progress.ts";
import { requireFit } from "./require-fit.ts";
import { type BestStep, hasRun, type Metrics, readRunInfo, requireFree, runPaths, stepFileName } from "./runs/info.ts";
import { lockRun } from "./runs/lock.ts";
import { createRun, type RunRecord, resumeRun, startHeartbeat, underName } from "./runs/record.ts";
import { unrecorded } from "./runs/unrecorded.ts";
import { scheduleFactor } from "./schedules.ts";
import { compileScorer } from "./score-images.ts";
import { createStopwatch } from "./stopwatch.ts";
import { compileStep, type HostInputs } from "./take-step.ts";
import { describeStart, startFrom } from "./transfer/start.ts";
import { openTeacher } from "./transfer/teacher.ts";
import { repeatViews } from "./transfer/views.ts";

/** Options of {@link train}: where and how, but nothing that changes what is computed. */
export interface TrainOptions {
  /** Folder of the run; `runs/NAME` by default. */
  readonly out?: string;
  /** The sweep that the run belongs to. */
  readonly group?: string;
  /** Go on from the newest checkpoint in the folder; from the beginning where there is none. */
  readonly resume?: boolean;
  /** The fastest engine of this machine by default; ranks of a mesh have that. */
  readonly engine?: Engine;
  /** Ranks that train the run together, in threads of this process; one by default. */
  readonly mesh?: RunAxes;
  /** When it aborts, the run finishes its step, writes a checkpoint and returns as interrupted. */
  readonly signal?: AbortSignal;
  /** Where progress is shown; standard error by default. */
  readonly stream?: ProgressStream;
  /** FLOP/s that utilisation is a share of; by default what a large product reaches on the engine, measured at the start. */
  readonly peakFlops?: number;
}

/** Options of {@link trainShare}. */
export interface ShareOptions extends Omit<TrainOptions, "mesh" | "engine" | "signal"> {
  /** An `AbortSignal`, or whatever else knows whether to stop; that of the first rank counts. */
  readonly signal?: Pick<AbortSignal, "aborted">;
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
  if (options.mesh) return trainOnThreads(config, options.mesh, options);
  return trainShare(config, options, wholeShare(options.engine));
}

/** What {@link train} does on one of the ranks that train a run together, each with its share; all of them call it. */
export async function trainShare(config: ResolvedConfig, options: ShareOptions, share: Share): Promise<TrainResult> {
  const folder = options.out ?? join("runs", config.name);
  if (!share.isFirst) return trainThrough(folder, config, options, share);
  if (!options.resume) requireFree(folder);
  const lock = await lockRun(folder);
  try {
    return await trainThrough(folder, config, options, share);
  } finally {
    lock.release();
  }
}

/** Trains, and begins again from the last good checkpoint where the configuration says so. */
async function trainThrough(
  folder: string,
  config: ResolvedConfig,
  options: ShareOptions,
  share: Share,
): Promise<TrainResult> {
  let current: ShareOptions & Recovery = options;
  for (let rollbacks = 0; ; rollbacks++) {
    try {
      return await trainIn(folder, config, current, share);
    } catch (error) {
      const { onDivergence, rollbacks: most } = config.stability;
      const isRecoverable = error instanceof DivergenceError && onDivergence === "rollback" && rollbacks < most;
      if (!isRecoverable) throw error;
      current = { ...options, resume: true, passOver: error };
    }
  }
}

/** What a run that went wrong is to do differently. */
interface Recovery {
  /** Go on with the data after those of the steps in which this happened. */
  readonly passOver?: DivergenceError;
}

/** Trains in a folder that no other process writes into. */
async function trainIn(
  folder: string,
  config: ResolvedConfig,
  options: ShareOptions & Recovery,
  share: Share,
): Promise<TrainResult> {
  const { model, batchSize, steps, seed, pixels } = config;
  const { resume = false, group, signal, stream, passOver } = options;
  const { engine, ownEngine, partition, isFirst } = share;

  //////////////////////////////////////////////////////////////////////////////
  // Engine and progress
  //////////////////////////////////////////////////////////////////////////////

  const progress = createProgress(steps, isFirst ? stream : { write: () => true });
  const { name: engineName, reason } = engine.describe();
  // Ranks measure at the same time, so that each has what it will have.
  const ownPeak = options.peakFlops ?? (await measurePeak(ownEngine));
  const peakFlops = ownPeak * share.size;
  progress.note(`engine ${engineName}: ${reason}; a large product runs at ${Math.round(ownPeak / 1e9)} GFLOP/s`);

  //////////////////////////////////////////////////////////////////////////////
  // Model, loss, optimizer
  //////////////////////////////////////////////////////////////////////////////

  const loss = buildLoss(config.loss);
  const optimizer = buildOptimizer(config.optimizer);
  const layout = partition && { partition };
  // Evaluation passes no key, and then nothing is dropped.
  const predict = (params: Params, images: tf.Tensor, key?: tf.Tensor) =>
    apply(params, images, model, { keep: () => false, ...layout, ...(key && { train: true, key }) }).logits;
  const observe = (params: Params, images: tf.Tensor, key?: tf.Tensor) => {
    const { logits, intermediates } = apply(params, images, model, {
      keep: isObserved,
      ...(key && { train: true, key }),
    });
    return { logits, observations: observeModel(intermediates) };
  };
  const views = config.teacher?.views ?? null;
  const isNoisy = model.dropout > 0 || model.stochasticDepth > 0;

  /** What the run begins with. */
  const beginning = async (initial = initialState(config, optimizer)) => {
    const begun = config.start
      ? await startFrom(config.start, config, initial)
      : { state: initial, step: 0, skipped: 0 };
    return { ...begun, state: share.cut(begun.state) };
  };
  // Whole at first, this rank's part from the beginning or a checkpoint on.
  let state = initialState(config, optimizer);
  let step = 0;
  // The data are at step + skipped.
  let skipped = 0;

  //////////////////////////////////////////////////////////////////////////////
  // Resume: state, step, and the metrics of a window that the checkpoint cut
  //////////////////////////////////////////////////////////////////////////////

  let record: RunRecord | undefined;
  const paths = runPaths(folder);
  const onWritten = ({ best }: CheckpointFacts) => record?.update({ step, ...(best && { best }) });
  const checkpoints = share.openCheckpoints(paths.checkpoints, config.checkpoints, onWritten, state);
  const damaged: string[] = [];
  let window = createMetricWindow();
  let best: BestStep | undefined;
  if (resume) {
    const checkpoint = await checkpoints.latest((text) => {
      progress.note(text);
      damaged.push(text);
    });
    if (checkpoint) {
      state = restore(checkpoint, share.cut(state));
      ({ step, best, skipped = 0 } = checkpoint);
      window = createMetricWindow(checkpoint.window);
    }
  }
  if (step === 0) ({ state, step, skipped } = await beginning(state));
  if (passOver) {
    window = createMetricWindow();
    skipped += passOver.step - step;
  }

  const closing: (() => void | Promise<void>)[] = [() => checkpoints.settle().catch(() => {})];
  try {
    ////////////////////////////////////////////////////////////////////////////
    // Data
    ////////////////////////////////////////////////////////////////////////////

    const open = async (pipeline: Pipeline, start: number) => {
      // Ranks share the machine: unless told otherwise, one thread brings up the images of each.
      const loading = { ...(share.ranks && { workers: 1 }), ...config.loader, shard: share.rows };
      const openAt = (at: number) => openLoader({ ...pipeline, seed }, { ...loading, start: { step: at } });
      const feed = await openFeed(openAt, start, (reason) => {
        const text = `${reason}; the data were opened again where it had come to`;
        progress.note(text);
        record?.event(step, "worker-restarted", text);
      });
      closing.push(feed.close);
      requireFit(feed.loader, model);
      return feed;
    };

    const openTraining = (start: number) => {
      const openAt = (at: number) => open({ ...config.data, batchSize, shuffle: true }, at);
      return views === null ? openAt(start) : repeatViews(openAt, start, views);
    };
    const batches = await openTraining(step + skipped);
    const { samples, source, stepsPerEpoch } = batches.loader;
    const epochs = formatNumber(steps / stepsPerEpoch);
    progress.note(`${samples} images of ${source.classes.length} classes; ${epochs} epochs of batches of ${batchSize}`);

    // An evaluation is one pass over data without end that stay open: decoded images are kept from one to the next.
    const evaluations: { name: string; everySteps: number; feed: BatchFeed; suites: readonly Suite[] }[] = [];
    for (const [name, { data, everySteps, batchSize: rows, suites: specs }] of Object.entries(config.evaluations)) {
      const pipeline = { ...data, batchSize: rows, shuffle: false, epochs: Number.POSITIVE_INFINITY };
      const suites = await Promise.all(specs.map(makeSuite));
      evaluations.push({ name, everySteps, feed: await open(pipeline, 0), suites });
    }

    ////////////////////////////////////////////////////////////////////////////
    // Record
    ////////////////////////////////////////////////////////////////////////////

    const facts = {
      ...{ name: config.name, status: "running" as const, config, seed, step, steps },
      ...(group !== undefined && { group }),
      ...(best && { best }),
      source: isFirst ? describeSource(process.cwd()) : null,
      machine: describeMachine(),
      engine: { name: engineName, reason },
    };
    const isContinuation = isFirst && resume && hasRun(folder);
    const changes = isContinuation ? differences(readRunInfo(folder).config, config) : [];
    const newRun = isFirst ? createRun : unrecorded;
    const run = isContinuation ? resumeRun(folder, step, facts) : newRun(folder, facts);
    record = run;
    closing.push(startHeartbeat(run));
    const tell = (kind: string, text: string) => {
      progress.note(text);
      run.event(step, kind, text);
    };
    for (const text of damaged) run.event(step, "damaged", text);
    if (!resume) run.event(step, "started", `started in process ${process.pid} on ${facts.machine.cpu}`);
    else tell("resumed", step > 0 ? `resumed at step ${step}` : "there is no checkpoint; starting at step 0");
    if (config.start && !isContinuation) tell("begun", `begins with ${describeStart(config.start)}`);
    if (passOver) tell("rolled-back", `${passOver.message}; going on at step ${step} with other data`);
    for (const change of changes) tell("config-changed", `changed since the run began: ${change}`);

    ////////////////////////////////////////////////////////////////////////////
    // Step and evaluators
    ////////////////////////////////////////////////////////////////////////////

    const clipNorm = config.clipNorm ?? Infinity;
    const ranks = share.ranks && { ranks: share.ranks };
    const parts = { predict, observe, loss, optimizer, pixels, classes: model.classes, clipNorm, ...ranks };
    const remat = config.rematerialize && { rematerialize: config.rematerialize };
    const { microBatches, precision } = config;
    const compiling = { engine, microBatches, precision, ...remat };
    const takeStep = compileStep(parts, compiling);
    const takeObservedStep = compileStep(parts, { ...compiling, isObserved: true, name: "observed train step" });
    const evaluated = { ...parts, loss: buildEvaluationLoss(config.loss) };
    const sumsOfPart = evaluationStep(evaluated);
    const sumsOfBatch = (...given: Parameters<typeof sumsOfPart>) => share.sumRows(sumsOfPart(...given));
    const evaluateBatch = jit(sumsOfBatch, { engine, name: "evaluation step" });
    const scorer = compileScorer(model, pixels, ownEngine);
    const parameters = finiteCheck<typeof state.params>(engine);
    closing.push(parameters.dispose, takeStep.dispose, takeObservedStep.dispose, evaluateBatch.dispose, scorer.dispose);

    const teacher = config.teacher && (await openTeacher(config.teacher, model, { engine: ownEngine, pixels }));
    if (teacher) closing.push(teacher.dispose);

    /** Whether to stop, as the first rank was asked: all ranks do the same steps. */
    const isStopped = () => share.ask(`stop at step ${step}`, signal?.aborted === true);

    /** False when the run was asked to stop in the middle. */
    const evaluate = async ({ name, feed, suites }: (typeof evaluations)[number]): Promise<boolean> => {
      const sums: EvaluationSums<DeviceTensor>[] = [];
      for (let batch = 0; batch < feed.loader.stepsPerEpoch; batch++) {
        if (await isStopped()) return false;
        const { image: images, label: labels, mask } = await feed.next();
        sums.push(await evaluateBatch(finalParameters(state), { images, labels, mask }));
      }
      const metrics = await meanMetrics(sums);
      if (suites.length > 0) {
        const score: ScoreImages = (images) => scorer.score(finalParameters(state), images);
        await evaluateSuites(suites, predictTable(score, passOf(feed), name), { name, step, run });
      }
      run.evaluation(name, step, metrics);
      const top1 = (100 * metrics.top1).toFixed(2);
      progress.note(`step ${step}  ${name}: top-1 ${top1} %, loss ${formatNumber(metrics.loss)}`);
      best = bestOf(config.checkpoints.best, best, step, underName(name, metrics));
      return true;
    };

    const isDue = (every: number) => step % every === 0 || step === steps;

    /** Does the evaluations that are due and were not done before the run was resumed. False when asked to stop in the middle. */
    const evaluateDue = async (): Promise<boolean> => {
      for (const evaluation of evaluations) {
        if (!isDue(evaluation.everySteps)) continue;
        const { name } = evaluation;
        if (await share.ask(`${name} of step ${step} is done`, run.hasEvaluation(name, step))) continue;
        if (!(await evaluate(evaluation))) return false;
      }
      return true;
    };

    /** Goes through the steps since the last checkpoint again, to say what went wrong first. */
    const explain = async (error: DivergenceError): Promise<DivergenceError> => {
      tell("diverged", `${error.symptom} in the steps ${error.after + 1} to ${error.step}; looking for where it began`);
      const checkpoint = await checkpoints.latest(progress.note);
      const first = checkpoint
        ? { state: restore(checkpoint, share.cut(initialState(config, optimizer))), step: checkpoint.step }
        : await beginning();
      const { next: nextBatch } = await openTraining(first.step + skipped);
      const range = { from: first.step, to: error.step };
      const observed = await replay({ ...range, state: first.state, takeObservedStep, inputsAt, nextBatch });
      return new DivergenceError(error.symptom, error.after, error.step, describeCause(observed, first.step + 1));
    };

    const requireGood = async (check: () => void) => {
      try {
        check();
      } catch (error) {
        // A rank of several sees its own features only.
        throw error instanceof DivergenceError && share.size === 1 ? await explain(error) : error;
      }
    };

    const save = async () => {
      const values = await window.read();
      await requireGood(() => divergence.check(values, logged, step));
      const infinite = await parameters.firstInfinite(state.params);
      await requireGood(() => {
        if (infinite !== undefined) {
          throw new DivergenceError(`parameter ${infinite} holds a number that is not finite`, logged, step);
        }
      });
      run.flush();
      await checkpoints.save(state, { step, seed, config, window: values, skipped, ...(best && { best }) });
    };

    ////////////////////////////////////////////////////////////////////////////
    // Training loop
    ////////////////////////////////////////////////////////////////////////////

    const imageFlops = modelFlopsPerToken(model) * tokenCount(model);
    const learningRateAt = (at: number) => config.learningRate * scheduleFactor(config.schedule, steps, at);
    const { observeEverySteps } = config.stability;
    const divergence = watchDivergence(config.stability);
    const placeOf = (position: number) => (views === null ? position : position % (views * stepsPerEpoch));

    /** What the batch of a step is trained with, beside the state. */
    const inputsAt = async (at: number, { image: images, label: labels, mix }: DataBatch): Promise<HostInputs> => ({
      learningRate: learningRateAt(at),
      ...optimizer.scalars(at),
      ...(mix && { mixup: mix.coefficient }),
      ...(config.averaging && { averagingShare: averagingShare(config.averaging, at) }),
      ...(isNoisy && { key: stepKey(seed, at + skipped, share.rows) }),
      ...(teacher && {
        teacherLogits: await teacher.logits(placeOf(at + skipped), { images, labels }, mix?.coefficient),
      }),
    });
    const watch = createStopwatch();
    let logged = step;
    let timed = step;
    let begun: { step: number; time: number } | undefined;

    // A stop may have cut an evaluation short.
    const bestBefore = best;
    let isEvaluated = step === 0 || (await evaluateDue());
    if (best !== bestBefore) await save();

    let isStopping = await isStopped();
    while (step < steps && !isStopping) {
      checkpoints.check();
      watch.enter("data");
      const batch = await batches.next().catch(async (error) => {
        // Data that cannot be read are the error to report; what was learned until then is kept where it can be: not by one rank alone.
        if (share.size === 1) await save().catch(() => {});
        throw error;
      });
      if (isFirst && step === 0)
        await saveBatchPicture(join(paths.media, stepFileName("train-batch", step, "png")), batch.image);

      watch.enter("step");
      const isWatched = observeEverySteps !== null && step % observeEverySteps === 0;
      const take = isWatched ? takeObservedStep : takeStep;
      const result = await take(state, { images: batch.image, labels: batch.label }, await inputsAt(step, batch));
      state = result.state;
      window.add(result.metrics);
      step += 1;
      if (isWatched) run.log(step, await readScalars(result.observations));

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
        await requireGood(() => divergence.row(metrics, logged, step));
        const time = watch.take();
        const count = step - timed;
        const seconds = time.data + time.step + time.other;
        const imagesPerSecond = (count * batchSize) / seconds;
        const mfu = (imagesPerSecond * imageFlops) / peakFlops;
        run.log(step, {
          ...metrics,
          "optim/learning-rate": learningRateAt(step - 1),
          "data/epoch": step / stepsPerEpoch,
          "memory/rss-bytes": process.memoryUsage.rss(),
          ...(count > 0 && {
            "time/step-ms": (1000 * time.step) / count,
            "time/data-ms": (1000 * time.data) / count,
            "time/other-ms": (1000 * time.other) / count,
            "time/images-per-second": imagesPerSecond,
            "time/mfu": mfu,
          }),
          ...(time.checkpoint > 0 && { "time/checkpoint-ms": 1000 * time.checkpoint }),
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
      isEvaluated = await evaluateDue();

      watch.enter("checkpoint");
      isStopping = await isStopped();
      if (isDue(config.checkpoints.everySteps) || best?.step === step || isStopping) await save();
    }
    await checkpoints.settle();

    ////////////////////////////////////////////////////////////////////////////
    // End
    ////////////////////////////////////////////////////////////////////////////

    const status = step === steps && isEvaluated ? "finished" : "interrupted";
    run.update({ status, step });
    tell(status === "finished" ? status : "stopped", `${status} at step ${step} of ${steps}; the run is in ${folder}`);
    return { status, folder, step, summary: run.info.summary };
  } catch (error) {
    try {
      const text = error instanceof Error ? error.message : String(error);
      record?.update({ status: "failed", step, error: text });
      record?.event(step, "failed", text);
    } catch {
      // The disk that failed the run may refuse this too; the first error is the one to report.
    }
    throw error;
  } finally {
    progress.end();
    await Promise.all(closing.map((close) => close()));
  }
}

/** The random key of a step: a function of seed and step, so that a resumed run goes on with the same noise. Each part has its own. */
function stepKey(seed: number, step: number, { index, count }: Share["rows"]): HostTensor<"int32"> {
  const key = fold(foldName(keyOf(seed), "noise"), step);
  return hostTensor("int32", [2], Int32Array.from(count === 1 ? key : fold(key, index)));
}
