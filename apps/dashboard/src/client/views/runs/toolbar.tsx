import { useState } from "preact/hooks";
import { address, go } from "../../model/address.ts";
import { type Column, columnsOf, columnTitle } from "../../model/columns.ts";
import { clearChoice, listed } from "../../model/selection.ts";
import { runs } from "../../model/server.ts";
import { GroupSelect } from "../../parts/column-select.tsx";
import { Search } from "../../parts/controls.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Popover } from "../../parts/popover.tsx";

/** What narrows and arranges the table, and what to do with the chosen runs. */
export function RunsToolbar({ columns }: { readonly columns: readonly Column[] }) {
  const { filter, runs: chosen } = address.value;
  return (
    <div class="toolbar">
      <Search
        label="Filter runs"
        placeholder="Filter: word, key:value, validation/loss<2, -failed, star"
        value={filter}
        id="filter"
        onInput={(filter) => go({ filter })}
      />
      <span class="count">
        {listed.value.length === runs.value.size
          ? `${runs.value.size} runs`
          : `${listed.value.length} of ${runs.value.size} runs`}
      </span>
      <span class="toolbar-gap" />
      {chosen.length > 0 && (
        <span class="chosen-actions">
          <strong>{chosen.length} chosen</strong>
          <button type="button" class="button primary" onClick={() => go({ view: "curves" })}>
            Curves
          </button>
          <button type="button" class="button" onClick={() => go({ view: "compare" })}>
            Compare
          </button>
          <button type="button" class="button" onClick={clearChoice}>
            Clear
          </button>
        </span>
      )}
      <GroupSelect />
      <Popover
        label="Columns"
        button={
          <>
            <Icon name="columns" /> Columns
          </>
        }
        align="end"
      >
        {() => <ColumnList columns={columns} />}
      </Popover>
    </div>
  );
}

function ColumnList({ columns }: { readonly columns: readonly Column[] }) {
  const [search, setSearch] = useState("");
  const { config, metrics } = columnsOf(runs.value.values(), { all: search !== "" });
  const wanted = search.toLowerCase();
  const toggle = (column: Column) =>
    go({ columns: columns.includes(column) ? columns.filter((other) => other !== column) : [...columns, column] });
  return (
    <div class="column-list">
      <Search label="Search columns" placeholder="Search columns" value={search} onInput={setSearch} />
      {[
        { title: "Metrics", all: metrics },
        { title: search === "" ? "Configuration, where it differs" : "Configuration", all: config },
      ].map(({ title, all }) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {all
            .filter((column) => column.toLowerCase().includes(wanted))
            .map((column) => (
              <label key={column}>
                <input type="checkbox" checked={columns.includes(column)} onChange={() => toggle(column)} />
                {columnTitle(column)}
              </label>
            ))}
        </fieldset>
      ))}
      <button type="button" class="link" onClick={() => go({ columns: [] })}>
        The usual columns
      </button>
    </div>
  );
}
