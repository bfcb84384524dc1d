import type { Axis } from "../../shared/api.ts";

/** The pages of the dashboard, by their address. */
export const viewPaths = {
  runs: "/",
  curves: "/curves",
  compare: "/compare",
  evaluations: "/evaluations",
  health: "/health",
  images: "/images",
  benchmark: "/benchmark",
} as const;

/** A page of the dashboard. */
export type View = keyof typeof viewPaths;

/** Everything that decides what is on the screen. The address of the page holds it, so a link shows the same to whoever opens it. */
export interface Address {
  readonly view: View;
  /** Chosen runs, in the order of choosing; none stands for the first ones of the list. */
  readonly runs: readonly string[];
  /** List the chosen runs only. */
  readonly only: boolean;
  readonly filter: string;
  /** A column, with `-` before it for descending order. */
  readonly sort: string;
  /** Columns of the run table; none stands for the usual ones. */
  readonly columns: readonly string[];
  /** What joins runs into groups: nothing, `seed` for runs that differ in the seed only, or a column. */
  readonly group: string;
  /** What colours runs: nothing for a colour of each, or a column. */
  readonly color: string;
  readonly x: Axis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smoothing: number;
  /** The visible range of x; null for all of it. */
  readonly from: number | null;
  readonly to: number | null;
  /** Text that names of metrics contain. */
  readonly metric: string;
  /** The metric whose chart is enlarged. */
  readonly open: string;
  /** Show all of the configuration, not only what differs. */
  readonly all: boolean;
  /** The run whose health, evaluations or pictures are shown. */
  readonly run: string;
  readonly evaluation: string;
  readonly step: number | null;
  /** The picture or the cell of a matrix that is open. */
  readonly detail: string;
  readonly report: string;
  readonly claim: string;
  /** The metric whose curve is behind the claim; nothing for the usual one. */
  readonly curve: string;
}

/** What a page without a query shows. */
export const start: Address = {
  view: "runs",
  runs: [],
  only: false,
  filter: "",
  sort: "-updated",
  columns: [],
  group: "",
  color: "",
  x: "step",
  logX: false,
  logY: false,
  smoothing: 0.9,
  from: null,
  to: null,
  metric: "",
  open: "",
  all: false,
  run: "",
  evaluation: "",
  step: null,
  detail: "",
  report: "",
  claim: "",
  curve: "",
};

const axes: readonly string[] = ["step", "examples", "time", "flops"];

/** Reads an address; what it does not say, or says wrongly, is as at the start. */
export function readLink(path: string, query: string): Address {
  const parameters = new URLSearchParams(query);
  const found = Object.entries(viewPaths).find(([, at]) => at === path);
  const address: Record<string, unknown> = { ...start, view: found?.[0] ?? "runs" };
  for (const [key, usual] of Object.entries(start)) {
    const texts = parameters.getAll(key);
    const [text] = texts;
    if (key === "view" || text === undefined) continue;
    if (Array.isArray(usual)) address[key] = texts;
    else if (typeof usual === "boolean") address[key] = text === "1";
    else if (typeof usual === "string") address[key] = text;
    else if (text !== "" && Number.isFinite(Number(text))) address[key] = Number(text);
  }
  if (!axes.includes(address.x as string)) address.x = "step";
  const [from, to] = [address.from as number | null, address.to as number | null];
  // Half a range, or an empty one, is none; one from right to left is meant from left to right.
  if (from === null || to === null || from === to) [address.from, address.to] = [null, null];
  else if (from > to) [address.from, address.to] = [to, from];
  address.smoothing = Math.min(0.999, Math.max(0, address.smoothing as number));
  return address as unknown as Address;
}

/** Writes an address; what is as at the start is left out. */
export function writeLink(address: Address): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(address)) {
    if (key === "view" || value === start[key as keyof Address]) continue;
    if (Array.isArray(value)) for (const element of value) parameters.append(key, element);
    else parameters.set(key, typeof value === "boolean" ? (value ? "1" : "0") : `${value ?? ""}`);
  }
  const query = parameters.toString();
  return viewPaths[address.view] + (query === "" ? "" : `?${query}`);
}

/** The visible range of charts whose x is always steps: a range of another axis narrows nothing there. */
export function stepRange({ x, from, to }: Address): Pick<Address, "from" | "to"> {
  return x === "step" ? { from, to } : { from: null, to: null };
}
