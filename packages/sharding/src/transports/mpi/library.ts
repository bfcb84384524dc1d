import { loadNativeLibrary, type NativeLibrary } from "@vitscale/core/native-libraries";
import { type Abi, abis, type HandleName, type MpiFunction, prototypesOf, textBytes } from "./abi.ts";
import { MpiError, MpiStartError } from "./errors.ts";
import { familyOf, type LibraryChoice } from "./launcher.ts";

/** A handle of MPI: a number in one family, an address in the other. */
export type Handle = number | bigint;

/** An MPI library with its functions bound. Only the thread that called `MPI_Init_thread` may use it. */
export interface MpiLibrary {
  readonly abi: Abi;
  /** The first line of what it says of itself, such as "Open MPI v4.1.4, …". */
  readonly version: string;
  readonly handles: { readonly [name in HandleName]: Handle };
  /** @throws MpiError with the text of MPI_Error_string. */
  call(name: MpiFunction, ...parameters: readonly unknown[]): void;
  /** The same, but returns the error code: 0 is success. */
  try(name: MpiFunction, ...parameters: readonly unknown[]): number;
  /** What an error code means. */
  explain(code: number): string;
  /** The class of an error code: a number that the standard names, with the family's value. */
  classOf(code: number): number;
}

type ForeignFunction = (...parameters: readonly unknown[]) => number;

// A library is unloaded when its handle is garbage, whatever still points into it: hold it for ever.
const held: unknown[] = [];

/**
 * Loads the first of the chosen files that is there and of the right family.
 *
 * @throws MpiStartError with what was tried.
 */
export function loadLibrary({ files, family, reason }: LibraryChoice): MpiLibrary {
  const refused: string[] = [];
  for (const file of files) {
    let library: NativeLibrary;
    try {
      // The plugins of Open MPI look for its symbols among those of the process.
      library = loadNativeLibrary(file, { isGlobal: true });
    } catch (error) {
      refused.push(`${file}: ${(error as Error).message}`);
      continue;
    }
    held.push(library);
    const version = versionOf(library);
    const found = familyOf(version);
    if (family === undefined || family === found) return bind(library, abis[found], version);
    refused.push(`${file} is ${version}`);
  }
  throw new MpiStartError(
    `no library of ${family ?? "MPI"} could be loaded (${reason}). Tried ${refused.join("; ")}. Install it (Debian: ` +
      `${family === "Open MPI" ? "openmpi-bin" : "mpich"}), or set VITSCALE_MPI to its path`,
  );
}

/** Legal before MPI_Init, and the same in both ABIs. */
function versionOf(library: NativeLibrary): string {
  const text = Buffer.alloc(textBytes);
  const length = new Int32Array(1);
  library.func("int MPI_Get_library_version(void* text, void* length)")(text, length);
  const [line = ""] = text.toString("utf8", 0, length[0]).split("\n");
  return line.replaceAll(/[\s\0]+/g, " ").trim();
}

function bind(library: NativeLibrary, abi: Abi, version: string): MpiLibrary {
  const functions = Object.fromEntries(
    Object.entries(prototypesOf(abi)).map(([name, prototype]) => [name, library.func(prototype) as ForeignFunction]),
  ) as Record<MpiFunction, ForeignFunction>;
  const handles = Object.fromEntries(
    Object.entries(abi.handles).map(([name, value]) => [
      name,
      typeof value === "number" ? value : (library.symbol(value, "void*") as bigint),
    ]),
  ) as Record<HandleName, Handle>;
  const explain = (code: number): string => {
    const text = Buffer.alloc(textBytes);
    const length = new Int32Array(1);
    functions.MPI_Error_string(code, text, length);
    return text
      .toString("utf8", 0, length[0])
      .replaceAll(/[\s\0]+/g, " ")
      .trim();
  };
  return {
    abi,
    version,
    handles,
    explain,
    classOf: (code) => {
      const out = new Int32Array(1);
      functions.MPI_Error_class(code, out);
      return out[0] as number;
    },
    try: (name, ...parameters) => functions[name](...parameters),
    call(name, ...parameters) {
      const code = functions[name](...parameters);
      if (code !== 0) throw new MpiError(name, explain(code));
    },
  };
}

/** Reads a handle that a function wrote. */
export function readHandle({ handleBytes }: Abi, memory: Buffer, at = 0): Handle {
  return handleBytes === 4 ? memory.readInt32LE(at * 4) : memory.readBigUInt64LE(at * 8);
}
