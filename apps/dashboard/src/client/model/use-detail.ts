import type { RunDetail, RunSummary } from "../../shared/api.ts";
import { server } from "./server.ts";
import { type Answered, useAnswer } from "./use-answer.ts";
import { versionOf } from "./version.ts";

/** Files, events and names of metrics of a run, kept up to date. An answer about another run counts as none. */
export function useDetail(run: RunSummary | undefined): Answered<RunDetail> {
  const answer = useAnswer(run && versionOf([run]), () => server.detail(run!.id));
  return answer.value?.id === run?.id ? answer : { ...answer, value: undefined };
}
