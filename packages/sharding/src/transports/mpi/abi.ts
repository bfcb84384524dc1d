/**
 * The two binary interfaces that MPI libraries have. The functions are the same; what differs is how large a handle is,
 * what the predefined handles are, and where a status keeps its error.
 *
 * Values are those of `mpi.h` of MPICH 4.0 (the common ABI of MPICH, Intel MPI and MVAPICH) and of Open MPI 4.1 and 5.0.
 */
export interface Abi {
  readonly family: Family;
  /** C type of MPI_Comm, MPI_Datatype, MPI_Request and MPI_Errhandler. */
  readonly handle: "int32_t" | "void*";
  readonly handleBytes: 4 | 8;
  /** Handles: numbers in the one family, names of symbols whose addresses they are in the other. */
  readonly handles: { readonly [name in HandleName]: number | string };
  readonly anySource: number;
  /** Bytes of an MPI_Status, and where in it MPI_ERROR is. */
  readonly status: { readonly bytes: number; readonly error: number };
  /** The error class that says: look at the statuses. */
  readonly errorInStatus: number;
  /** The address that says that no status is wanted. */
  readonly statusIgnore: bigint;
}

/** Libraries of one family can stand in for each other. */
export type Family = "MPICH" | "Open MPI";

/** The predefined handles that are used here. */
export type HandleName = "commWorld" | "byte" | "requestNull" | "errorsReturn";

/** The binary interface of each family. */
export const abis: { readonly [F in Family]: Abi } = {
  MPICH: {
    family: "MPICH",
    handle: "int32_t",
    handleBytes: 4,
    handles: { commWorld: 0x44000000, byte: 0x4c00010d, requestNull: 0x2c000000, errorsReturn: 0x54000001 },
    anySource: -2,
    status: { bytes: 20, error: 16 },
    errorInStatus: 17,
    statusIgnore: 1n,
  },
  "Open MPI": {
    family: "Open MPI",
    handle: "void*",
    handleBytes: 8,
    handles: {
      commWorld: "ompi_mpi_comm_world",
      byte: "ompi_mpi_byte",
      requestNull: "ompi_request_null",
      errorsReturn: "ompi_mpi_errors_return",
    },
    anySource: -1,
    status: { bytes: 24, error: 8 },
    errorInStatus: 18,
    statusIgnore: 0n,
  },
};

/** MPI_THREAD_FUNNELED in both: one thread makes all calls. */
export const threadFunneled = 1;

/** Bytes that hold any text that MPI returns (MPI_MAX_LIBRARY_VERSION_STRING of MPICH, the largest of them). */
export const textBytes = 8192;

/** The functions that are used here, with `Handle` where the families differ. */
const prototypes = {
  MPI_Init_thread: "int MPI_Init_thread(void* argc, void* argv, int required, void* provided)",
  MPI_Finalize: "int MPI_Finalize()",
  MPI_Abort: "int MPI_Abort(Handle communicator, int code)",
  MPI_Comm_rank: "int MPI_Comm_rank(Handle communicator, void* rank)",
  MPI_Comm_size: "int MPI_Comm_size(Handle communicator, void* size)",
  MPI_Comm_dup: "int MPI_Comm_dup(Handle communicator, void* copy)",
  MPI_Comm_set_errhandler: "int MPI_Comm_set_errhandler(Handle communicator, Handle handler)",
  MPI_Error_string: "int MPI_Error_string(int code, void* text, void* length)",
  MPI_Error_class: "int MPI_Error_class(int code, void* class)",
  MPI_Allgather:
    "int MPI_Allgather(void* own, int ownCount, Handle ownType, void* all, int count, Handle type, Handle communicator)",
  MPI_Isend: "int MPI_Isend(void* data, int count, Handle type, int to, int tag, Handle communicator, void* request)",
  MPI_Irecv: "int MPI_Irecv(void* data, int count, Handle type, int from, int tag, Handle communicator, void* request)",
  MPI_Iprobe: "int MPI_Iprobe(int from, int tag, Handle communicator, void* isThere, void* status)",
  MPI_Testsome: "int MPI_Testsome(int count, void* requests, void* doneCount, void* indices, void* statuses)",
  MPI_Cancel: "int MPI_Cancel(void* request)",
  MPI_Test_cancelled: "int MPI_Test_cancelled(void* status, void* isCancelled)",
} as const;

/** A function of MPI that is used here. */
export type MpiFunction = keyof typeof prototypes;

/** C declarations of all functions, as a library of that family has them. */
export function prototypesOf({ handle }: Abi): { readonly [name in MpiFunction]: string } {
  const declared = Object.entries(prototypes).map(([name, text]) => [name, text.replaceAll("Handle ", `${handle} `)]);
  return Object.fromEntries(declared) as Record<MpiFunction, string>;
}
