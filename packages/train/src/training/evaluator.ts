import type { DeviceTensor } from "@vitscale/core";
import { predict as predictTable, type ScoreImages } from "@vitscale/eval";
import { bestOf } from "../checkpoints/policy.ts";
import { type EvaluationSums, meanMetrics } from "../evaluate.ts";
import { evaluateSuites, passOf } from "../evaluate-suites.ts";
import { finalParameters } from "../initial-state.ts";
import { keepExamples } from "../look/example-keeper.ts";
import { writeExamples } from "../look/write-examples.ts";
import { formatNumber } from "../progress.ts";
import { underName } from "../runs/evaluations.ts";
import { runPaths } from "../runs/info.ts";
import type { OpenEvaluation } from "./feeds.ts";
import type { Programs } from "./programs.ts";
import { isDue, type RunAtWork } from "./run-at-work.ts";

/**
 * Does the evaluations of a run that are due and not in its record yet, as they may be when it was resumed.
 *
 * @returns false when the run was asked to stop in the middle
 */
export async function evaluateDue(
  run: RunAtWork,
  evaluations: readonly OpenEvaluation[],
  programs: Programs,
): Promise<boolean> {
  const { share, record, at } = run;
  for (const evaluation of evaluations) {
    if (!isDue(run, evaluation.everySteps)) continue;
    const { name } = evaluation;
    if (await share.ask(`${name} of step ${at.step} is done`, record.hasEvaluation(name, at.step))) continue;
    if (!(await evaluate(run, evaluation, programs))) return false;
  }
  return true;
}

async function evaluate(
  run: RunAtWork,
  { name, feed, skipped, suites, learned }: OpenEvaluation,
  { evaluateBatch, scorer, attentionMaps }: Programs,
): Promise<boolean> {
  const { config, share, at, record, progress, isStopped } = run;
  const { step } = at;
  const params = finalParameters(at.state);
  const sums: EvaluationSums<DeviceTensor>[] = [];
  for (let batch = 0; batch < feed.loader.stepsPerEpoch; batch++) {
    if (await isStopped()) return false;
    const { image: images, label: labels, mask } = await feed.next();
    sums.push(await evaluateBatch(params, { images, labels, mask }));
  }
  const metrics = await meanMetrics(sums);
  if (suites.length > 0) {
    const { source } = feed.loader;
    // A rank of several has the images of its own rows only: `vitscale eval` keeps them instead.
    const isShowing = share.size === 1 && `${source.classes}` === `${learned}`;
    const keeper = isShowing ? keepExamples(config.model.classes) : undefined;
    const plain = {
      pass: passOf(feed, share),
      score: (images: Parameters<ScoreImages>[0]) => scorer.score(params, images),
    };
    const { pass, score } = keeper?.watch(plain.pass, plain.score) ?? plain;
    const predictions = predictTable(score, pass, name, learned);
    if (share.isFirst) await evaluateSuites(suites, predictions, { name, step, run: record });
    // This rank has done its part once all predictions are made.
    else for await (const _ of predictions);
    if (keeper) {
      await writeExamples(keeper, {
        ...{ folder: runPaths(record.folder).evaluations, name, step, images: source },
        source: `${record.folder} on ${name}`,
        attention: (images) => attentionMaps.of(params, images),
      });
    }
  }
  skipped.tell(run, feed.loader);
  record.evaluation(name, step, metrics);
  const top1 = (100 * metrics.top1).toFixed(2);
  progress.note(`step ${step}  ${name}: top-1 ${top1} %, loss ${formatNumber(metrics.loss)}`);
  at.best = bestOf(config.checkpoints.best, at.best, step, underName(name, metrics));
  return true;
}
