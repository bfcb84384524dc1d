import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const here = (file: string) => join(import.meta.dirname, file);
const hide = here("../packages/core/test/support/hide-package.ts");

it("trains and lists runs without koffi, unlocked, and says what MPI wants it for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vitscale-without-koffi-"));
  const options = ["--conditions=@vitscale/source", "--import", "tsx", "--import", hide];
  const given = [...options, here("without-koffi-program.ts"), "koffi", "absent", folder];
  const env = { ...process.env, VITSCALE_MPI: "mpich" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, given, { env });
  await rm(folder, { recursive: true });
  const reason =
    "koffi, by which native libraries are called, is not installed; install it beside @vitscale/core, for example: npm install koffi@3.3.4";
  expect(JSON.parse(stdout)).toEqual({ status: "finished", listed: ["finished"], connecting: reason });
  expect(stderr.match(/Warning: nothing keeps .*/g)).toEqual([
    `Warning: nothing keeps two processes from writing one run at the same time: ${reason}`,
  ]);
});
