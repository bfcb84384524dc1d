import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { threadFunneled } from "./abi.ts";
import { MpiStartError } from "./errors.ts";
import { checkSize, type Launch } from "./launcher.ts";
import type { Handle, MpiLibrary } from "./library.ts";
import type { Place } from "./peers.ts";
import { duplicate } from "./requests.ts";

/** An initialised world of ranks. */
export interface World {
  readonly library: MpiLibrary;
  readonly rank: number;
  readonly size: number;
  /** Copies of MPI_COMM_WORLD, so that no message of ours meets one of somebody else, nor one of another kind. */
  readonly envelopes: Handle;
  readonly payloads: Handle;
  readonly notices: Handle;
  readonly places: readonly Place[];
}

/** Where a rank runs, and what has to be the same on all of them. */
export interface RankRecord extends Place {
  readonly library: string;
  readonly node: string;
}

const recordBytes = 1024;

/**
 * Initialises MPI in this thread, which from now on makes all its calls. Returns when all ranks have done so.
 *
 * @throws MpiStartError when the library does not see the world that the launcher started, or ranks run on different versions.
 */
export function openWorld(library: MpiLibrary, launch: Launch | undefined): World {
  library.call("MPI_Init_thread", null, null, threadFunneled, new Int32Array(1));
  const { commWorld, errorsReturn } = library.handles;
  // Inherited by the copies: errors become exceptions, instead of ending the process.
  library.call("MPI_Comm_set_errhandler", commWorld, errorsReturn);
  const read = (name: "MPI_Comm_rank" | "MPI_Comm_size"): number => {
    const out = new Int32Array(1);
    library.call(name, commWorld, out);
    return out[0] as number;
  };
  const [rank, size] = [read("MPI_Comm_rank"), read("MPI_Comm_size")];
  checkSize(launch, library.version, size);
  const records = gatherRecords(library, size);
  checkAlike(records);
  return {
    library,
    rank,
    size,
    envelopes: duplicate(library, commWorld),
    payloads: duplicate(library, commWorld),
    notices: duplicate(library, commWorld),
    places: records,
  };
}

/** What all ranks say of themselves. */
function gatherRecords(library: MpiLibrary, size: number): RankRecord[] {
  const { commWorld, byte } = library.handles;
  const record: RankRecord = {
    host: `${hostname()}/${processSpace()}`,
    pid: process.pid,
    library: library.version.slice(0, 200),
    node: process.version,
  };
  const own = Buffer.alloc(recordBytes);
  const all = Buffer.alloc(recordBytes * size);
  own.write(JSON.stringify(record));
  library.call("MPI_Allgather", own, recordBytes, byte, all, recordBytes, byte, commWorld);
  return Array.from({ length: size }, (_, rank) => {
    const text = all.subarray(rank * recordBytes, (rank + 1) * recordBytes);
    return JSON.parse(text.toString("utf8", 0, text.indexOf(0))) as RankRecord;
  });
}

/** @throws MpiStartError when ranks run on different versions. */
export function checkAlike(records: readonly RankRecord[]): void {
  const [first] = records as [RankRecord];
  const things = { library: "the MPI library", node: "Node" } as const;
  for (const [rank, record] of records.entries()) {
    for (const [key, thing] of Object.entries(things) as [keyof typeof things, string][]) {
      if (record[key] === first[key]) continue;
      const where = (of: RankRecord) => `${of[key]} on ${of.host.split("/")[0]}`;
      throw new MpiStartError(
        `ranks 0 and ${rank} were started differently: ${thing} of rank 0 is ${where(first)}, that of rank ${rank} is ` +
          `${where(record)}. Install the same on all hosts`,
      );
    }
  }
}

/** Process numbers mean something within one name space: containers on a host have their own. */
function processSpace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
