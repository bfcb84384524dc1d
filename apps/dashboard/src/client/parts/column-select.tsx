import { address, go } from "../model/address.ts";
import { cell, columnsOf, columnTitle } from "../model/columns.ts";
import { runs } from "../model/server.ts";
import { Select } from "./controls.tsx";

/** What joins runs: seeds, sweeps, or a key of the configuration in which runs differ. */
export function GroupSelect() {
  const { group } = address.value;
  const usual = { "": "none", seed: "seeds together", group: "sweep", status: "status" };
  return (
    <Select label="Group" value={group} onChange={(group) => go({ group })}>
      <ColumnOptions usual={usual} value={group} />
    </Select>
  );
}

/** What gives runs their colours. */
export function ColorSelect() {
  const { color } = address.value;
  const usual = { "": "each its own", group: "sweep", status: "status", seed: "seed" };
  return (
    <Select label="Colour" value={color} onChange={(color) => go({ color })}>
      <ColumnOptions usual={usual} value={color} />
    </Select>
  );
}

/** The usual choices, the configuration's keys, and what a link asks for that is neither. */
function ColumnOptions({ usual, value }: { readonly usual: Readonly<Record<string, string>>; readonly value: string }) {
  const all = [...runs.value.values()];
  const { config } = columnsOf(all);
  const isListed = Object.hasOwn(usual, value) || config.includes(value);
  const isKnown = all.some((run) => cell(run, value) !== undefined);
  return (
    <>
      {Object.entries(usual).map(([column, text]) => (
        <option key={column} value={column}>
          {text}
        </option>
      ))}
      {!isListed && (
        <option value={value}>
          {columnTitle(value)}
          {!isKnown && " (no run has it)"}
        </option>
      )}
      <optgroup label="Configuration">
        {config.map((column) => (
          <option key={column} value={column}>
            {columnTitle(column)}
          </option>
        ))}
      </optgroup>
    </>
  );
}
