import { useRef, useState } from "preact/hooks";
import type { EvaluationView } from "../../../shared/evaluation.ts";
import { isLight, ramp } from "../../charts/ramp.ts";
import { formatPercent } from "../../model/format.ts";
import { Scroll } from "../../parts/scroll.tsx";
import { ImageSet } from "./image-set.tsx";

/** More classes make cells too small to press: then those with the most mistakes are shown. */
const mostClasses = 40;

/** True classes down, answers across, shares of each true class as colours. A cell opens its images; the arrows move between cells. */
export function Confusion(props: Extract<EvaluationView, { kind: "confusion" }> & { readonly run: string }) {
  const { classes, counts, examples, run, title } = props;
  const [active, setActive] = useState<readonly [number, number]>([0, 0]);
  const [opened, setOpened] = useState<readonly [number, number] | undefined>();
  const table = useRef<HTMLTableElement>(null);
  const chosen = worstClasses(classes, counts);
  const { color } = ramp([0, 1]);
  const count = (truth: number, answer: number) => counts[truth]?.[answer] ?? 0;
  const total = (truth: number) => (counts[truth] ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const images =
    opened && (examples[`${opened[0]},${opened[1]}`] ?? examples[`${classes[opened[0]]},${classes[opened[1]]}`]);

  const move = (event: KeyboardEvent, row: number, column: number) => {
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const clamp = (at: number) => Math.min(chosen.length - 1, Math.max(0, at));
    const next = [clamp(row + way[0]!), clamp(column + way[1]!)] as const;
    setActive(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next[0]},${next[1]}"]`)?.focus();
  };

  return (
    <div class="confusion">
      <Scroll label={`${title}, matrix`}>
        <table ref={table} class="matrix" aria-label={`${title}: true classes down, answers across`}>
          <thead>
            <tr>
              <th scope="col" class="corner">
                true ↓ answer →
              </th>
              {chosen.map((answer) => (
                <th key={answer} scope="col">
                  <span>{classes[answer]}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {chosen.map((truth, row) => (
              <tr key={truth}>
                <th scope="row">{classes[truth]}</th>
                {chosen.map((answer, column) => {
                  const value = count(truth, answer);
                  const share = value / (total(truth) || 1);
                  const label = `${classes[truth]} answered as ${classes[answer]}: ${value}, ${formatPercent(share, 2)}`;
                  return (
                    <td key={answer}>
                      <button
                        type="button"
                        class={isLight(share) ? "dark-text" : ""}
                        style={value > 0 ? { background: color(share) } : {}}
                        tabIndex={active[0] === row && active[1] === column ? 0 : -1}
                        data-cell={`${row},${column}`}
                        aria-label={label}
                        title={label}
                        aria-pressed={opened?.[0] === truth && opened[1] === answer}
                        onKeyDown={(event) => move(event, row, column)}
                        onClick={() => {
                          setActive([row, column]);
                          setOpened([truth, answer]);
                        }}
                      >
                        {value > 0 && chosen.length <= 20 ? value : ""}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {chosen.length < classes.length && (
        <p class="hint">
          The {chosen.length} of {classes.length} classes with the most mistakes.
        </p>
      )}
      {opened !== undefined && (
        <section class="cell-images" aria-live="polite">
          <h3>
            {classes[opened[0]]} answered as {classes[opened[1]]}: {count(opened[0], opened[1])} of {total(opened[0])}
          </h3>
          {images === undefined ? (
            <p class="hint">The evaluation kept no images of this cell.</p>
          ) : (
            <ImageSet name={`${title} ${opened}`} images={images} run={run} />
          )}
        </section>
      )}
    </div>
  );
}

/** Indices of the classes to show, in their order. */
function worstClasses(classes: readonly string[], counts: readonly (readonly (number | null)[])[]): number[] {
  const indices = classes.map((_, index) => index);
  if (classes.length <= mostClasses) return indices;
  const mistakes = new Float64Array(classes.length);
  for (const [truth, row] of counts.entries()) {
    for (const [answer, value] of row.entries()) {
      if (truth === answer || value === null) continue;
      mistakes[truth]! += value;
      mistakes[answer]! += value;
    }
  }
  return indices
    .sort((a, b) => mistakes[b]! - mistakes[a]!)
    .slice(0, mostClasses)
    .sort((a, b) => a - b);
}
