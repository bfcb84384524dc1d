import { describe, expect, it } from "vitest";
import { checkSize, chooseLibrary, familyOf, findLaunch } from "./launcher.ts";
import { loadLibrary } from "./library.ts";

const debianOpenMpi = { OMPI_COMM_WORLD_SIZE: "4", OMPI_COMM_WORLD_RANK: "1", PMIX_RANK: "1" };
const hydra = { PMI_SIZE: "2", PMI_RANK: "0" };

describe("the choice of an MPI library", () => {
  it("follows the launcher, told by its variables", () => {
    expect(findLaunch(debianOpenMpi)).toMatchObject({
      family: "Open MPI",
      size: 4,
      evidence: "OMPI_COMM_WORLD_SIZE=4",
    });
    expect(findLaunch(hydra)).toMatchObject({ family: "MPICH", size: 2, evidence: "PMI_SIZE=2" });
    expect(findLaunch({ PMIX_RANK: "0", SLURM_STEP_NUM_TASKS: "8" })).toMatchObject({ family: "Open MPI", size: 8 });
    // A batch script of Slurm is no rank.
    expect(findLaunch({ SLURM_STEP_NUM_TASKS: "8" })).toBeUndefined();
    expect(chooseLibrary(findLaunch(hydra), {}).files[0]).toBe("libmpich.so.12");
    expect(chooseLibrary(findLaunch(debianOpenMpi), {}).files[0]).toBe("libmpi.so.40");
  });

  it("follows VITSCALE_MPI before it, be that a family or a file", () => {
    const launch = findLaunch(hydra);
    expect(chooseLibrary(launch, { VITSCALE_MPI: "OpenMPI" })).toMatchObject({ family: "Open MPI" });
    expect(chooseLibrary(launch, { VITSCALE_MPI: "/opt/mpi/lib/libmpi.so" })).toEqual({
      files: ["/opt/mpi/lib/libmpi.so"],
      family: undefined,
      reason: "VITSCALE_MPI=/opt/mpi/lib/libmpi.so",
    });
    expect(() => chooseLibrary(undefined, {})).toThrow("this process was not started by a launcher of MPI");
  });

  it("believes what a library says of itself", () => {
    expect(familyOf("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4")).toBe("Open MPI");
    expect(familyOf("MPICH Version: 4.0.2")).toBe("MPICH");
    expect(familyOf("Intel(R) MPI Library 2021.11 for Linux* OS")).toBe("MPICH");
    expect(familyOf("MVAPICH2 Version : 2.3.7")).toBe("MPICH");
    expect(familyOf("MPI VERSION : CRAY MPICH version 8.1.27.26")).toBe("MPICH");
    expect(() => familyOf("LAM/MPI 7.1")).toThrow('an MPI library that calls itself "LAM/MPI 7.1" is neither');
  });

  it("says what was tried when nothing fits", () => {
    const choice = { files: ["libmpi-that-is-not-there.so"], family: "Open MPI", reason: "for a test" } as const;
    expect(() => loadLibrary(choice)).toThrow(
      /^no library of Open MPI could be loaded \(for a test\)\. Tried libmpi-that-is-not-there\.so: .*Install it \(Debian: openmpi-bin\)/,
    );
  });

  it("finds out that launcher and library do not belong together", () => {
    const launch = findLaunch(hydra);
    expect(() => checkSize(launch, "MPICH Version: 4.0.2", 2)).not.toThrow();
    expect(() => checkSize(launch, "Open MPI v4.1.4", 1)).toThrow(
      "mpirun of MPICH (or srun --mpi=pmi2) started 2 processes (PMI_SIZE=2), but Open MPI v4.1.4 sees a world of 1: launcher and " +
        "library do not belong together. Use the mpirun of Open MPI, or set VITSCALE_MPI to the launcher's library",
    );
  });
});
