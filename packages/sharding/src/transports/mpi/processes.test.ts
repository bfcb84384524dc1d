import { expect, it } from "vitest";
import { isRunning, processTable } from "./processes.ts";

it.skipIf(process.platform !== "linux")(
  "reads this process, the one that started it, and one that is not there",
  () => {
    expect(processTable.read(process.pid)).toMatchObject({ parent: process.ppid, isRunning: true });
    expect(processTable.children(process.ppid)).toContain(process.pid);
    expect(processTable.environment(process.pid)).toMatchObject({ PATH: expect.stringContaining("/") });
    // The largest number that Linux gives to a process is 2²² − 1.
    expect(processTable.read(2 ** 22)).toBeUndefined();
    expect([process.pid, 2 ** 22].map(isRunning)).toEqual([true, false]);
  },
);
