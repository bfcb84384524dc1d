import type { ProcessTable } from "./processes.ts";

type Environment = { readonly [name: string]: string | undefined };

/** Where launchers tell a process its rank, and how many ranks they start on its host; the most telling first. */
const signs = [
  { rank: "OMPI_COMM_WORLD_RANK", count: (of: Environment) => Number(of.OMPI_COMM_WORLD_LOCAL_SIZE) },
  { rank: "PMI_RANK", count: (of: Environment) => Number(of.MPI_LOCALNRANKS) },
  { rank: "SLURM_PROCID", count: (of: Environment) => Number(of.SLURM_GTIDS?.split(",").length) },
] as const;

/** How many ranks the launcher started on this host; undefined where it does not say. */
export function countLocalRanks(environment: Environment = process.env): number | undefined {
  const sign = signs.find(({ rank }) => environment[rank] !== undefined);
  const count = sign?.count(environment);
  return count !== undefined && count >= 1 ? count : undefined;
}

/** The part of a launcher that starts the ranks of its host. */
const starters = /^(mpirun|mpiexec|orterun|orted|prterun|prted|hydra_pmi_proxy|slurmstepd)/;

/** A launcher starts the ranks of a host one right after the other: one that is not there for so long has ended. */
const unseenMs = 1_000;

/** What {@link findLocalRanks} looks at. */
export interface Surroundings {
  readonly table: ProcessTable;
  readonly environment: Environment;
  readonly pid: number;
  /** Ranks of the world. */
  readonly size: number;
}

/**
 * The ranks that the launcher started on this host are its children, whatever they have come to. So the table of processes shows
 * that one has ended before MPI knows of it; undefined where it does not: on other systems, or in a container of one rank.
 */
export function findLocalRanks(surroundings: Surroundings): LocalRanks | undefined {
  const { environment, size } = surroundings;
  for (const { rank, count } of signs) {
    const expected = count(environment);
    if (environment[rank] === undefined || !(expected > 1 && expected <= size)) continue;
    const starter = findStarter(surroundings, rank);
    return starter === undefined ? undefined : new LocalRanks(surroundings, starter, rank, expected);
  }
  return undefined;
}

/** The nearest process above this one that is no rank itself, if that is a launcher. */
function findStarter({ table, pid }: Surroundings, rank: string): number | undefined {
  for (let above = table.read(pid)?.parent; above; above = table.read(above)?.parent) {
    if (table.environment(above)?.[rank] !== undefined) continue;
    return starters.test(table.read(above)?.name ?? "") ? above : undefined;
  }
  return undefined;
}

/** Ranks of this host whose processes are looked at. */
export class LocalRanks {
  /** The process of each rank that was seen. */
  readonly #seen = new Map<number, number>();
  #since: number | undefined;

  constructor(
    readonly surroundings: Surroundings,
    readonly starter: number,
    readonly rankVariable: string,
    readonly expected: number,
  ) {}

  /** Looks at the processes, now in milliseconds, and says who has ended, such as "rank 1 (process 7)", if anybody has. */
  findEnded(now = performance.now()): string | undefined {
    const { starter, surroundings, expected } = this;
    const isGone = (pid: number) => !surroundings.table.read(pid)?.isRunning;
    if (isGone(starter)) return `the launcher on this host (process ${starter})`;
    const gone = [...this.#seen].filter(([, pid]) => isGone(pid)).map(([rank, pid]) => `rank ${rank} (process ${pid})`);
    if (gone.length > 0) return gone.join(", ");
    if (this.#seen.size === expected) return undefined;

    const children = surroundings.table.children(starter);
    for (const child of children) {
      const rank = surroundings.table.environment(child)?.[this.rankVariable];
      if (rank) this.#seen.set(Number(rank), child);
    }
    this.#since ??= now;
    // A child that says no rank may be about to become one.
    const ended = now - this.#since < unseenMs ? 0 : expected - children.length;
    return ended > 0 ? this.#nameUnseen(ended) : undefined;
  }

  /** Some of the ranks that were never seen: by number, if all of the world run here and all unseen ones are meant. */
  #nameUnseen(count: number): string {
    const { expected, surroundings } = this;
    const unseen = Array.from({ length: surroundings.size }, (_, rank) => rank).filter((rank) => !this.#seen.has(rank));
    if (unseen.length > count) return `${count} of the ${expected} ranks on this host`;
    return unseen.length === 1 ? `rank ${unseen[0]}` : `ranks ${unseen.join(", ")}`;
  }
}
