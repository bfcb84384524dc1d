import { describe, expect, it } from "vitest";
import { abis, prototypesOf } from "./abi.ts";

describe("the two ABIs of MPI", () => {
  it("declare the same functions, with handles of 4 bytes in one and of 8 in the other", () => {
    const [mpich, openMpi] = [prototypesOf(abis.MPICH), prototypesOf(abis["Open MPI"])];
    // From mpi.h of each, by hand.
    expect(mpich.MPI_Isend).toBe(
      "int MPI_Isend(void* data, int count, int32_t type, int to, int tag, int32_t communicator, void* request)",
    );
    expect(openMpi.MPI_Isend).toBe(
      "int MPI_Isend(void* data, int count, void* type, int to, int tag, void* communicator, void* request)",
    );
    expect(Object.keys(mpich)).toEqual(Object.keys(openMpi));
    for (const [name, text] of Object.entries({ ...mpich, ...openMpi })) expect(text).toContain(`int ${name}(`);
    expect(Object.values({ ...mpich, ...openMpi }).join()).not.toContain("Handle");
  });

  it("keep MPICH's handles, which carry their kind and the size of their type in their bits", () => {
    const { commWorld, byte, requestNull, errorsReturn } = abis.MPICH.handles as Record<string, number>;
    // The upper two bits: 1 is built in. The next four: 1 communicator, 3 datatype, 5 error handler, 11 request.
    const kind = (handle: number) => [handle >>> 30, (handle >>> 26) & 15];
    expect(kind(commWorld!)).toEqual([1, 1]);
    expect(kind(byte!)).toEqual([1, 3]);
    expect(kind(errorsReturn!)).toEqual([1, 5]);
    // A null handle is of no built-in kind.
    expect(kind(requestNull!)).toEqual([0, 11]);
    // Bits 8 to 15 of a basic datatype are its bytes.
    expect((byte! >> 8) & 255).toBe(1);
  });
});
