import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What the system's table of processes says of one. */
export interface Process {
  /** Of its program; the system keeps 15 characters. */
  readonly name: string;
  /** The process that started it. */
  readonly parent: number;
  /** False for one that has ended and that nobody has waited for: a zombie. */
  readonly isRunning: boolean;
}

/** Looks up processes by their numbers. */
export interface ProcessTable {
  /** Undefined where there is no such process, or no table. */
  read(pid: number): Process | undefined;
  /** What a process was started with; undefined where it belongs to another user, or there is none. */
  environment(pid: number): Readonly<Record<string, string | undefined>> | undefined;
  /** Processes that one has started and that run. */
  children(pid: number): readonly number[];
}

/** The processes of this host, as Linux shows them under /proc. */
export const processTable: ProcessTable = {
  read(pid) {
    // Such as `7 (a name) S 1 …`, where the name may hold anything, parentheses too.
    const text = readText(`/proc/${pid}/stat`);
    if (text === undefined) return undefined;
    const end = text.lastIndexOf(")");
    const [state = "", parent] = text.slice(end + 2).split(" ");
    const name = text.slice(text.indexOf("(") + 1, end);
    return { name, parent: Number(parent), isRunning: !["Z", "X"].includes(state) };
  },

  environment(pid) {
    const text = readText(`/proc/${pid}/environ`);
    if (text === undefined) return undefined;
    return Object.fromEntries(text.split("\0").map((pair) => pair.split(/=(.*)/s, 2)));
  },

  children(pid) {
    return readdirSync("/proc")
      .map(Number)
      .filter((other) => {
        const found = Number.isInteger(other) ? processTable.read(other) : undefined;
        return found?.isRunning && found.parent === pid;
      });
  },
};

/** Whether a process of this host runs. True where that cannot be told: on systems without a table. */
export function isRunning(pid: number): boolean {
  return processTable.read(pid)?.isRunning ?? !existsSync("/proc/self/stat");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
