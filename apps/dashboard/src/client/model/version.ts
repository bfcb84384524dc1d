import type { RunSummary } from "../../shared/api.ts";
import { versions } from "./server.ts";

/** A text that changes whenever a run's files do: a part of the key of what is asked about them. */
export const versionOf = (runs: readonly RunSummary[]) =>
  runs.map(({ id }) => `${id}@${versions.value.get(id) ?? 0}`).join("|");
