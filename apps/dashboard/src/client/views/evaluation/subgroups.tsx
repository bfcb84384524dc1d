import type { EvaluationView, SubgroupMeasure } from "../../../shared/evaluation.ts";
import { formatNumber } from "../../model/format.ts";
import { Scroll } from "../../parts/scroll.tsx";

/** Measures by group with a bar for each value; the worst group of a measure is marked, unless the measure has none. */
export function Subgroups({ title, groups, sizes, measures }: Extract<EvaluationView, { kind: "subgroups" }>) {
  return (
    <Scroll label={title}>
      <table class="plain subgroups">
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col" class="number">
              size
            </th>
            {measures.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group, row) => (
            <tr key={group}>
              <th scope="row">{group}</th>
              <td class="number">{sizes[row] === null || sizes[row] === undefined ? "" : formatNumber(sizes[row])}</td>
              {measures.map(({ name, values, worst }) => {
                const present = values.filter((value) => value !== null);
                const value = values[row] ?? null;
                const isWorst = value !== null && value === worstOf(present, worst);
                return (
                  <td key={name}>
                    {value === null ? (
                      <span class="absent">no such cases</span>
                    ) : (
                      <span class={isWorst ? "bar-cell worst" : "bar-cell"}>
                        <span
                          class="bar"
                          style={{ width: `${(100 * Math.max(0, value)) / Math.max(1, ...present)}%` }}
                        />
                        <span class="bar-value">
                          {formatNumber(value)}
                          {isWorst && <span class="hidden"> ({worst})</span>}
                        </span>
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">gap</th>
            <td />
            {measures.map(({ name, gap }) => (
              <td key={name}>{gap === null ? "" : formatNumber(gap)}</td>
            ))}
          </tr>
        </tfoot>
      </table>
    </Scroll>
  );
}

/** The value to mark; none of a single group. */
function worstOf(values: readonly number[], worst: SubgroupMeasure["worst"]): number | undefined {
  if (values.length < 2 || worst === "none") return undefined;
  return worst === "least" ? Math.min(...values) : Math.max(...values);
}
