/** What the observed steps of a replay gave, by name: those of the model in the order of its forward pass. */
export type ObservedStep = Readonly<Record<string, number>>;

/**
 * Says what went wrong first in observed steps: the first tensor that is not finite, in the order of computation, or, where all are,
 * the one that has grown the most.
 *
 * Computation goes forward through the model, then to the loss, backward through the gradients, and on to the updates. What a norm is
 * infinite of may have had finite elements too large to be squared.
 *
 * @param first step number of the first entry
 * @returns a part of a sentence, or undefined where nothing stands out
 */
export function describeCause(steps: readonly ObservedStep[], first: number): string | undefined {
  for (const [index, observed] of steps.entries()) {
    const wrong = inOrder(observed).find(([, value]) => !Number.isFinite(value));
    if (wrong !== undefined) return `${wrong[0]} was the first to become ${wrong[1]}, at step ${first + index}`;
  }
  return describeGrowth(steps, first);
}

/** Growth that is worth naming. */
const noticeable = 2;

function describeGrowth(steps: readonly ObservedStep[], first: number): string | undefined {
  const [before, after] = [steps[0], steps.at(-1)];
  if (before === undefined || after === undefined || steps.length < 2) return undefined;
  const growth = Object.entries(after).map(([name, value]) => [name, value / (before[name] ?? value)] as const);
  const [name, ratio] = growth.reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0]);
  if (!(ratio >= noticeable)) return undefined;
  const range = `from step ${first} to step ${first + steps.length - 1}`;
  return `${name} grew the most, ${ratio.toPrecision(3)} times ${range}`;
}

/** Names in the order in which they are computed. */
function inOrder(observed: ObservedStep): [name: string, value: number][] {
  const entries = Object.entries(observed);
  const kind = (name: string) => /^diagnostics\/([^/]+)/.exec(name)?.[1];
  const of = (...kinds: (string | undefined)[]) => entries.filter(([name]) => kinds.includes(kind(name)));
  const forward = of("activation-rms", "attention-logit", "attention-entropy");
  return [
    ...of("parameter-norm"),
    ...forward,
    ...of(undefined),
    ...of("gradient-norm").reverse(),
    ...of("update-norm"),
  ];
}
