import type { Family } from "./abi.ts";
import { MpiStartError } from "./errors.ts";

/** Who started this process as a rank, as its environment tells. */
export interface Launch {
  /** Such as "mpirun of Open MPI". */
  readonly launcher: string;
  /** The library that understands this launcher. */
  readonly family: Family;
  /** Processes that it says it started. */
  readonly size: number;
  /** The variable that says so. */
  readonly evidence: string;
}

type Environment = { readonly [name: string]: string | undefined };

/**
 * Variables that launchers set, the most telling first. PMIX_RANK alone decides nothing: `mpirun` of Open MPI and `srun`
 * both set it.
 */
const signs = [
  { size: "OMPI_COMM_WORLD_SIZE", launcher: "mpirun of Open MPI", family: "Open MPI" },
  { size: "PMI_SIZE", launcher: "mpirun of MPICH (or srun --mpi=pmi2)", family: "MPICH" },
  { size: "SLURM_STEP_NUM_TASKS", launcher: "srun --mpi=pmix", family: "Open MPI", with: "PMIX_RANK" },
] as const;

/** How this process was launched; undefined when no launcher of MPI did. */
export function findLaunch(environment: Environment = process.env): Launch | undefined {
  for (const sign of signs) {
    const size = Number(environment[sign.size]);
    if (!Number.isInteger(size) || size < 1) continue;
    if ("with" in sign && environment[sign.with] === undefined) continue;
    const { launcher, family } = sign;
    return { launcher, family, size, evidence: `${sign.size}=${size}` };
  }
  return undefined;
}

/** How a person writes what to load: `VITSCALE_MPI`. */
const overrides: { readonly [name: string]: Family } = { mpich: "MPICH", openmpi: "Open MPI" };

/** Files that have the library of a family, the most specific first; the loader finds them. */
const files: { readonly [F in Family]: readonly string[] } = {
  MPICH: ["libmpich.so.12", "libmpi.so.12", "libmpich.so", "libmpi.so"],
  "Open MPI": ["libmpi.so.40", "libmpi.so"],
};

/** Which libraries to try. */
export interface LibraryChoice {
  readonly files: readonly string[];
  /** The family that the library must be of; undefined when a file was named, which says itself what it is. */
  readonly family: Family | undefined;
  /** Why, for messages. */
  readonly reason: string;
}

/**
 * Chooses the library by the launcher, or by `VITSCALE_MPI`: `mpich`, `openmpi`, or the path of a library.
 *
 * @throws MpiStartError when nothing tells which.
 */
export function chooseLibrary(launch: Launch | undefined, environment: Environment = process.env): LibraryChoice {
  const given = environment.VITSCALE_MPI;
  if (given !== undefined && given !== "") {
    const family = overrides[given.toLowerCase()];
    const reason = `VITSCALE_MPI=${given}`;
    return family ? { files: files[family], family, reason } : { files: [given], family: undefined, reason };
  }
  if (launch) {
    const { family, launcher, evidence } = launch;
    return { files: files[family], family, reason: `launched by ${launcher} (${evidence})` };
  }
  throw new MpiStartError(
    "this process was not started by a launcher of MPI: none of OMPI_COMM_WORLD_SIZE and PMI_SIZE is set. Start it with " +
      "`mpirun -n <ranks> …` or `srun --mpi=pmi2 …`, or set VITSCALE_MPI to mpich, openmpi or a library's path",
  );
}

/**
 * The family that a library belongs to, by what it says of itself (MPI_Get_library_version), because file names are no
 * evidence: `libmpi.so` may be either.
 *
 * @throws MpiStartError when it is neither.
 */
export function familyOf(version: string): Family {
  if (/^Open MPI\b/.test(version)) return "Open MPI";
  if (/^MPICH|^Intel\(R\) MPI|^MVAPICH|CRAY MPICH/i.test(version)) return "MPICH";
  throw new MpiStartError(
    `an MPI library that calls itself "${version}" is neither MPICH (or one with its ABI) nor Open MPI; set VITSCALE_MPI to one that is`,
  );
}

/**
 * Checks that the library saw the world that the launcher started. Where the two do not understand each other, every
 * process takes itself for a world of one.
 *
 * @throws MpiStartError saying who saw what.
 */
export function checkSize(launch: Launch | undefined, version: string, size: number): void {
  if (!launch || launch.size === size) return;
  throw new MpiStartError(
    `${launch.launcher} started ${launch.size} processes (${launch.evidence}), but ${version} sees a world of ${size}: launcher ` +
      `and library do not belong together. Use the mpirun of ${familyOf(version)}, or set VITSCALE_MPI to the launcher's library`,
  );
}
