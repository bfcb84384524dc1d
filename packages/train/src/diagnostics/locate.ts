import { inspectedTensor, type TensorKind } from "./inspect.ts";

/** What the inspected steps of a replay gave, by name: those of the model in the order of its forward pass. */
export type ObservedStep = Readonly<Record<string, number>>;

/**
 * Says what went wrong first in inspected steps: the first tensor that is not finite, in the order of computation, or, where all are,
 * the one that has grown the most.
 *
 * Computation goes from the parameters forward through the model, then to the loss, backward through the gradients, to their norm, and on
 * to the updates.
 *
 * @param first step number of the first entry
 * @returns a part of a sentence, or undefined where nothing stands out
 */
export function describeCause(steps: readonly ObservedStep[], first: number): string | undefined {
  for (const [index, observed] of steps.entries()) {
    const wrong = inOrder(observed).find(([, value]) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    const [name, value] = wrong;
    const beside = name === "optim/grad-norm" ? largestGradient(observed) : "";
    return `${inWords(name)} was the first to become ${value}, at step ${first + index}${beside}`;
  }
  return describeGrowth(steps, first);
}

/** Whether the images that the model was given in an inspected step are not finite: what comes after them is no cause then. */
export function areImagesInfinite(observed: ObservedStep): boolean {
  return !Number.isFinite(observed["activation of images"] ?? 0);
}

/** What a norm is too large of whose every gradient is finite. */
function largestGradient(observed: ObservedStep): string {
  const gradients = Object.entries(observed).flatMap(([observation, value]) => {
    const tensor = inspectedTensor(observation);
    return tensor?.kind === "gradient" ? [{ name: tensor.name, value }] : [];
  });
  const [largest] = gradients.sort((a, b) => b.value - a.value);
  return largest === undefined
    ? ""
    : `; the largest gradient, ${largest.value.toPrecision(3)}, is that of ${largest.name}`;
}

/** Growth that is worth naming. */
const noticeable = 2;

function describeGrowth(steps: readonly ObservedStep[], first: number): string | undefined {
  const [before, after] = [steps[0], steps.at(-1)];
  if (before === undefined || after === undefined || steps.length < 2) return undefined;
  // What begins at zero, as a head does, grows without bounds.
  const growing = Object.entries(after).filter(([name]) => (before[name] ?? 0) > 0);
  const growth = growing.map(([name, value]) => [name, value / before[name]!] as const);
  const [name, ratio] = growth.reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0]);
  if (!(ratio >= noticeable)) return undefined;
  const range = `from step ${first} to step ${first + steps.length - 1}`;
  return `${inWords(name)} grew the most, ${ratio.toPrecision(3)} times ${range}`;
}

/** Names in the order in which they are computed. */
function inOrder(observed: ObservedStep): [name: string, value: number][] {
  const entries = Object.entries(observed);
  const of = (kind: TensorKind) => entries.filter(([name]) => inspectedTensor(name)?.kind === kind);
  const metrics = entries.filter(([name]) => inspectedTensor(name) === undefined);
  return [
    ...of("parameter"),
    ...of("activation"),
    ...metrics.filter(([name]) => name === "train/loss"),
    ...of("gradient").reverse(),
    ...metrics.filter(([name]) => name !== "train/loss"),
    ...of("update"),
  ];
}

function inWords(observation: string): string {
  const tensor = inspectedTensor(observation);
  if (tensor === undefined) return observation;
  const { kind, name } = tensor;
  return kind === "parameter" || kind === "activation" ? `the ${kind} ${name}` : `the ${kind} of ${name}`;
}
