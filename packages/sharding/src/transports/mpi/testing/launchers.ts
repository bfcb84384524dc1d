import { spawn, spawnSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

/** How a family's launcher is told to run more ranks than there are cores. */
export interface Launcher {
  readonly name: string;
  /** What `VITSCALE_MPI` calls its library. */
  readonly library: string;
  readonly options: readonly string[];
  /** What lets ranks survive the death of one, where anything does. */
  readonly survive: readonly string[];
  /** What gives ranks time to end when the launcher is told to, where it needs telling. */
  readonly patient: readonly string[];
}

const launchers: readonly Launcher[] = [
  // Hydra 4.0 kills the survivors whatever it is told.
  { name: "mpirun.mpich", library: "mpich", options: [], survive: [], patient: [] },
  {
    name: "mpirun.openmpi",
    library: "openmpi",
    options: ["--oversubscribe", "--allow-run-as-root", "--bind-to", "none"],
    survive: ["--enable-recovery"],
    // Seconds, which it waits twice, whether ranks have ended or not.
    patient: ["--mca", "odls_base_sigkill_timeout", "4"],
  },
];

/** The launchers that are installed here; says which are not. */
export function installedLaunchers(): readonly Launcher[] {
  const isInstalled = ({ name }: Launcher) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;
  const installed = launchers.filter(isInstalled);
  for (const { name } of launchers) {
    if (!installed.some((launcher) => launcher.name === name))
      process.stderr.write(`skipped: ${name} is not installed\n`);
  }
  return installed;
}

/**
 * Builds programs that ranks are to run, once, because every rank would compile them again.
 *
 * @param modules a folder `node_modules` in which what they import is found
 * @param entries source files by name
 * @returns the folder of the built files
 */
export async function buildPrograms(modules: string, entries: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(modules, ".mpi-test-"));
  await build({
    entry: { ...entries, "mpi-entry": fileURLToPath(new URL("../entry.ts", import.meta.url)) },
    outDir: folder,
    format: "esm",
    target: "node20",
    external: ["koffi", "onnxruntime-node", "sharp", "tsx", /tfjs-core/],
    noExternal: [/@vitscale/, /tfjs-backend-cpu/, /protobufjs/, /hyparquet/],
    outExtension: () => ({ js: ".js" }),
    esbuildOptions(options) {
      options.conditions = ["@vitscale/source"];
    },
    config: false,
    silent: true,
  });
  return folder;
}

/** How ranks are started. */
export interface Start {
  readonly ranks: number;
  /** The built file, and what it is given. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How the launcher ended, and what was printed. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Starts ranks and waits for their end; `onOutput` sees what they have printed meanwhile, and may signal the launcher. */
export function launch(
  { name, options }: Pick<Launcher, "name" | "options">,
  { ranks, program, args = [], env = {} }: Start,
  onOutput: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(name, [...options, "-n", `${ranks}`, process.execPath, program, ...args], {
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
      onOutput(output, (signal) => child.kill(signal));
    });
  }
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
}
