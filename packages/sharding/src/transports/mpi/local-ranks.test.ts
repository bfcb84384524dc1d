import { describe, expect, it } from "vitest";
import { countLocalRanks, findLocalRanks } from "./local-ranks.ts";
import type { ProcessTable } from "./processes.ts";

type Row = { name: string; parent: number; isRunning: boolean; environment?: Record<string, string> };

/** A table of processes: a shell (2), in it a launcher (5), and its ranks (10, 11, …), each behind a wrapper as `npx` is one. */
function tableOf(ranks: readonly Record<string, string>[], launcher = "mpirun.openmpi") {
  const rows = new Map<number, Row>([
    [2, { name: "bash", parent: 1, isRunning: true, environment: {} }],
    [5, { name: launcher, parent: 2, isRunning: true, environment: {} }],
  ]);
  for (const [i, environment] of ranks.entries()) {
    rows.set(10 + i, { name: "npm exec vitscale", parent: 5, isRunning: true, environment });
    rows.set(20 + i, { name: "node", parent: 10 + i, isRunning: true, environment });
  }
  const table: ProcessTable = {
    read: (pid) => rows.get(pid),
    environment: (pid) => rows.get(pid)?.environment,
    children: (pid) =>
      [...rows.keys()].filter((child) => rows.get(child)?.parent === pid && rows.get(child)?.isRunning),
  };
  const end = (pid: number) => rows.set(pid, { ...rows.get(pid)!, isRunning: false });
  return { rows, table, end };
}

const openMpi = (rank: number, count: number) => ({
  OMPI_COMM_WORLD_RANK: `${rank}`,
  OMPI_COMM_WORLD_LOCAL_SIZE: `${count}`,
});

/** Rank 0 of three on one host, as its process 20 sees them. */
function threeRanks() {
  const environments = [0, 1, 2].map((rank) => openMpi(rank, 3));
  const processes = tableOf(environments);
  const ranks = findLocalRanks({ table: processes.table, environment: environments[0]!, pid: 20, size: 3 })!;
  return { ...processes, ranks };
}

describe("ranks of one host", () => {
  it("are there, or name the one that ended after it was seen", () => {
    const { ranks, end } = threeRanks();
    expect(ranks.findEnded(0)).toBeUndefined();
    expect(ranks.findEnded(9_000)).toBeUndefined();
    end(12);
    expect(ranks.findEnded(9_200)).toBe("rank 2 (process 12)");
    end(11);
    expect(ranks.findEnded(9_400)).toBe("rank 1 (process 11), rank 2 (process 12)");
  });

  it("name those that ended before anybody looked, once the launcher has had the time to start all", () => {
    const { ranks, rows } = threeRanks();
    rows.delete(11);
    expect(ranks.findEnded(0)).toBeUndefined();
    expect(ranks.findEnded(900)).toBeUndefined();
    expect(ranks.findEnded(1_000)).toBe("rank 1");
    rows.delete(12);
    expect(ranks.findEnded(1_200)).toBe("rank 2 (process 12)");
  });

  it("are waited for while the launcher has a child that may become one", () => {
    const { ranks, rows } = threeRanks();
    rows.set(11, { name: "mpirun.openmpi", parent: 5, isRunning: true, environment: {} });
    expect(ranks.findEnded(0)).toBeUndefined();
    expect(ranks.findEnded(9_000)).toBeUndefined();
  });

  it("tell when the launcher has ended", () => {
    const { ranks, end } = threeRanks();
    end(5);
    expect(ranks.findEnded(0)).toBe("the launcher on this host (process 5)");
  });

  it("are counted, where the world has others elsewhere, whose numbers are not known here", () => {
    const environments = [4, 5, 6].map((rank) => openMpi(rank, 3));
    const { table, rows } = tableOf(environments, "orted");
    const ranks = findLocalRanks({ table, environment: environments[0]!, pid: 20, size: 8 })!;
    rows.delete(12);
    ranks.findEnded(0);
    expect(ranks.findEnded(1_000)).toBe("1 of the 3 ranks on this host");
  });

  it("are told by MPICH and Slurm too, whose helpers belong to another user", () => {
    const mpich = [0, 1].map((rank) => ({ PMI_RANK: `${rank}`, MPI_LOCALNRANKS: "2" }));
    const hydra = tableOf(mpich, "hydra_pmi_proxy");
    expect(findLocalRanks({ table: hydra.table, environment: mpich[0]!, pid: 20, size: 2 })?.starter).toBe(5);

    const slurm = [2, 3].map((rank) => ({ PMI_RANK: `${rank}`, SLURM_PROCID: `${rank}`, SLURM_GTIDS: "2,3" }));
    const step = tableOf(slurm, "slurmstepd");
    step.rows.set(5, { name: "slurmstepd", parent: 1, isRunning: true });
    const ranks = findLocalRanks({ table: step.table, environment: slurm[0]!, pid: 20, size: 4 })!;
    expect([ranks.starter, ranks.expected]).toEqual([5, 2]);
  });

  it("cannot be told apart without a launcher above them, nor need to be where there is one", () => {
    const environments = [openMpi(0, 2), openMpi(1, 2)];
    const { table } = tableOf(environments, "docker-init");
    expect(findLocalRanks({ table, environment: environments[0]!, pid: 20, size: 2 })).toBeUndefined();
    const alone = tableOf([openMpi(0, 1)]);
    expect(findLocalRanks({ table: alone.table, environment: openMpi(0, 1), pid: 20, size: 4 })).toBeUndefined();
  });
});

it("counts the ranks of the host as the launcher tells", () => {
  expect(countLocalRanks({ OMPI_COMM_WORLD_RANK: "5", OMPI_COMM_WORLD_LOCAL_SIZE: "4" })).toBe(4);
  expect(countLocalRanks({ PMI_RANK: "0", MPI_LOCALNRANKS: "2" })).toBe(2);
  expect(countLocalRanks({ SLURM_PROCID: "3", SLURM_GTIDS: "2,3,4" })).toBe(3);
  expect([countLocalRanks({ PMI_RANK: "0" }), countLocalRanks({})]).toEqual([undefined, undefined]);
});
