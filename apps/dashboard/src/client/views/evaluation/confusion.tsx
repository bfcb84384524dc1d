import { useEffect, useRef, useState } from "preact/hooks";
import type { EvaluationImage, EvaluationView } from "../../../shared/evaluation.ts";
import { address, go } from "../../model/address.ts";
import { formatPercent } from "../../model/format.ts";
import { Icon } from "../../parts/icon.tsx";
import { Scroll } from "../../parts/scroll.tsx";
import { ImageSet } from "./image-set.tsx";

/** More classes make cells too small to press: then those with the most mistakes are shown. */
const mostClasses = 40;

/**
 * True classes down, answers across, shares of each true class as colours. A cell opens its images, which the address holds; the arrows move
 * between cells, Escape closes what is open.
 */
export function Confusion(props: Extract<EvaluationView, { kind: "confusion" }> & { readonly run: string }) {
  const { classes, counts, examples, run, title } = props;
  const [active, setActive] = useState<readonly [number, number]>([0, 0]);
  const opened = cellIn(address.value.detail, title, classes.length);
  const table = useRef<HTMLTableElement>(null);
  const chosen = worstClasses(classes, counts);
  const count = (truth: number, answer: number) => counts[truth]?.[answer] ?? 0;
  const total = (truth: number) => (counts[truth] ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const imagesOf = (truth: number, answer: number): readonly EvaluationImage[] | undefined =>
    examples[`${truth},${answer}`] ?? examples[`${classes[truth]},${classes[answer]}`];
  const images = opened && imagesOf(...opened);
  const hasImages = Object.keys(examples).length > 0;
  const close = () => go({ detail: "" });
  const shown = useRef<HTMLElement>(null);
  const name = opened === undefined ? "" : linkOf(title, opened);
  // What a press opens may lie below the edge of the window.
  useEffect(() => {
    if (name !== "") shown.current?.scrollIntoView({ block: "nearest" });
  }, [name]);

  const move = (event: KeyboardEvent, row: number, column: number) => {
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Escape" && opened !== undefined) close();
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
                  const kept = imagesOf(truth, answer)?.length ?? 0;
                  const label = `${classes[truth]} answered as ${classes[answer]}: ${value}, ${formatPercent(share, 2)}`;
                  return (
                    <td key={answer}>
                      <button
                        type="button"
                        class={[
                          ...(value > 0 ? ["counted"] : []),
                          ...(truth === answer ? ["right"] : []),
                          ...(kept > 0 ? ["has-images"] : []),
                        ].join(" ")}
                        // The root spreads out the small shares that most mistakes are.
                        style={{ "--share": Math.sqrt(share).toFixed(3) }}
                        tabIndex={active[0] === row && active[1] === column ? 0 : -1}
                        data-cell={`${row},${column}`}
                        aria-label={label}
                        title={label}
                        aria-pressed={opened?.[0] === truth && opened[1] === answer}
                        onKeyDown={(event) => move(event, row, column)}
                        onClick={() => {
                          setActive([row, column]);
                          const isOpen = opened?.[0] === truth && opened[1] === answer;
                          go({ detail: isOpen ? "" : linkOf(title, [truth, answer]) });
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
      {hasImages && opened === undefined && (
        <p class="hint">Press a cell to see its images; cells that have some are marked at the corner.</p>
      )}
      {chosen.length < classes.length && (
        <p class="hint">
          The {chosen.length} of {classes.length} classes with the most mistakes.
        </p>
      )}
      {opened !== undefined && (
        <section class="cell-images" aria-live="polite" ref={shown}>
          <div class="cell-images-head">
            <h3>
              {classes[opened[0]]} answered as {classes[opened[1]]}: {count(opened[0], opened[1])} of {total(opened[0])}
            </h3>
            {images !== undefined && images.length < count(...opened) && (
              <span class="dim">the {images.length} surest are kept</span>
            )}
            <button type="button" class="icon-button" aria-label="Close the images of the cell" onClick={close}>
              <Icon name="close" />
            </button>
          </div>
          {images === undefined ? (
            <p class="hint">The evaluation kept no images of this cell.</p>
          ) : (
            <ImageSet name={name} images={images} run={run} />
          )}
        </section>
      )}
    </div>
  );
}

/** What the address holds of an open cell; that of one of its pictures begins with it. */
const linkOf = (title: string, [truth, answer]: readonly [number, number]) => `${title} ${truth},${answer}`;

/** The cell of a matrix that an address has open. */
function cellIn(detail: string, title: string, classes: number): readonly [number, number] | undefined {
  if (!detail.startsWith(`${title} `)) return undefined;
  const match = /^(\d+),(\d+)(: |$)/.exec(detail.slice(title.length + 1));
  const [truth, answer] = [Number(match?.[1]), Number(match?.[2])];
  return truth < classes && answer < classes ? [truth, answer] : undefined;
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
