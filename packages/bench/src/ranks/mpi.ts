import { accessSync, constants, existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { ownProgram, packageFolder } from "../package-files.ts";
import { answerOf } from "./measure.ts";
import type { RanksAnswer, RanksOrder } from "./order.ts";

/** The launchers of both families of MPI, as Debian names them. */
export const launchers = { mpich: "mpiexec.hydra", openmpi: "mpirun.openmpi" } as const;

export type MpiFamily = keyof typeof launchers;

/** What this machine can do. */
export interface MpiMeans {
  readonly families: readonly MpiFamily[];
  /** Why links between namespaces cannot be shaped, if they cannot. */
  readonly unshaped?: string;
}

const script = join(packageFolder, "..", "..", "scripts", "mpi-namespaces.sh");

/** Finds launchers, and whether ranks can have network namespaces of their own with shaped links. */
export function findMpi(): MpiMeans {
  const families = (Object.keys(launchers) as MpiFamily[]).filter((family) => isOnPath(launchers[family]));
  const missing = ["ip", "tc"].filter((tool) => !isOnPath(tool));
  if (!existsSync(script)) return { families, unshaped: "scripts/mpi-namespaces.sh is not there: run in a checkout" };
  if (missing.length > 0) return { families, unshaped: `${missing.join(" and ")} not found; apt-get install iproute2` };
  if (process.getuid?.() !== 0) return { families, unshaped: "network namespaces need root" };
  return { families };
}

/** Runs an order on ranks of MPI, each in a network namespace whose link sends at the given rate, or all on this host. */
export async function measureOverMpi(
  order: RanksOrder,
  {
    family,
    ranks,
    gigabits,
  }: { readonly family: MpiFamily; readonly ranks: number; readonly gigabits: number | undefined },
  signal: AbortSignal,
): Promise<RanksAnswer> {
  const { file, args } = ownProgram("overlap");
  const program = [file, ...args, JSON.stringify(order)];
  const environment = { VITSCALE_THREADS: `${Math.max(1, Math.floor(availableParallelism() / ranks))}` };
  const here = family === "openmpi" ? ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] : [];
  const answer =
    gigabits === undefined
      ? await answerOf(launchers[family], [...here, "-n", `${ranks}`, ...program], { environment, signal })
      : await answerOf(script, [family, `${ranks}`, `${1000 * gigabits}mbit`, ...program], { environment, signal });
  return { ...answer, transport: shortVersion(answer.transport), ...(gigabits !== undefined && { gigabits }) };
}

/** "MPICH 4.0.2" of "MPICH Version: 4.0.2", "Open MPI 4.1.4" of "Open MPI v4.1.4, package: …". */
export function shortVersion(version: string): string {
  const [, name, number] = /^(MPICH|Open MPI)\D*([\d.]+)/.exec(version) ?? [];
  return name === undefined ? version : `${name} ${number}`;
}

function isOnPath(tool: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
