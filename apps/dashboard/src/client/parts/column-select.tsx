import { address, go } from "../model/address.ts";
import { columnsOf, columnTitle } from "../model/columns.ts";
import { runs } from "../model/server.ts";
import { Select } from "./controls.tsx";

/** What joins runs: seeds, sweeps, or a key of the configuration in which runs differ. */
export function GroupSelect() {
  return (
    <Select label="Group" value={address.value.group} onChange={(group) => go({ group })}>
      <option value="">none</option>
      <option value="seed">seeds together</option>
      <option value="group">sweep</option>
      <option value="status">status</option>
      <ConfigurationOptions />
    </Select>
  );
}

/** What gives runs their colours. */
export function ColorSelect() {
  return (
    <Select label="Colour" value={address.value.color} onChange={(color) => go({ color })}>
      <option value="">each its own</option>
      <option value="group">sweep</option>
      <option value="status">status</option>
      <option value="seed">seed</option>
      <ConfigurationOptions />
    </Select>
  );
}

function ConfigurationOptions() {
  const { config } = columnsOf(runs.value.values());
  return (
    <optgroup label="Configuration">
      {config.map((column) => (
        <option key={column} value={column}>
          {columnTitle(column)}
        </option>
      ))}
    </optgroup>
  );
}
