import type { KoffiFunc } from "koffi";
import { koffi } from "../../load-koffi.ts";
import { installAdvice } from "../../packages.ts";
import { atMost } from "./at-most.ts";
import { loadOrtLibrary, ortPackage } from "./library.ts";

/**
 * ONNX Runtime's C API, called through koffi on the shared library that `onnxruntime-node` ships. The stock binding
 * blocks the event loop while it runs and copies every output; the C API does neither.
 *
 * `OrtApi` is a table of function pointers that only ever grows at its end, so a position stays valid. Positions are
 * those of `onnxruntime_c_api.h`.
 */
const functions = {
  GetErrorCode: [1, "int GetErrorCode(void* status)"],
  GetErrorMessage: [2, "const char* GetErrorMessage(void* status)"],
  CreateSessionFromArray: [
    8,
    "void* CreateSessionFromArray(void* env, void* model, size_t bytes, void* options, void* out)",
  ],
  Run: [
    9,
    "void* Run(void* session, void* options, void* inputNames, void* inputs, size_t inputCount, void* outputNames, size_t outputCount, void* outputs)",
  ],
  CreateSessionOptions: [10, "void* CreateSessionOptions(void* out)"],
  SetOptimizedModelFilePath: [11, "void* SetOptimizedModelFilePath(void* options, const char* path)"],
  SetSessionExecutionMode: [13, "void* SetSessionExecutionMode(void* options, int mode)"],
  EnableProfiling: [14, "void* EnableProfiling(void* options, const char* prefix)"],
  DisableMemPattern: [17, "void* DisableMemPattern(void* options)"],
  DisableCpuMemArena: [19, "void* DisableCpuMemArena(void* options)"],
  SetSessionGraphOptimizationLevel: [23, "void* SetSessionGraphOptimizationLevel(void* options, int level)"],
  SetIntraOpNumThreads: [24, "void* SetIntraOpNumThreads(void* options, int threads)"],
  CreateCustomOpDomain: [26, "void* CreateCustomOpDomain(const char* domain, void* out)"],
  CustomOpDomain_Add: [27, "void* CustomOpDomain_Add(void* domain, void* op)"],
  AddCustomOpDomain: [28, "void* AddCustomOpDomain(void* options, void* domain)"],
  CreateRunOptions: [39, "void* CreateRunOptions(void* out)"],
  CreateTensorWithDataAsOrtValue: [
    49,
    "void* CreateTensorWithDataAsOrtValue(void* memory, void* data, size_t bytes, void* shape, size_t rank, int type, void* out)",
  ],
  CreateCpuMemoryInfo: [69, "void* CreateCpuMemoryInfo(int allocator, int type, void* out)"],
  GetAllocatorWithDefaultOptions: [78, "void* GetAllocatorWithDefaultOptions(void* out)"],
  ReleaseStatus: [93, "void ReleaseStatus(void* status)"],
  ReleaseSession: [95, "void ReleaseSession(void* session)"],
  ReleaseValue: [96, "void ReleaseValue(void* value)"],
  ReleaseSessionOptions: [100, "void ReleaseSessionOptions(void* options)"],
  ReleaseCustomOpDomain: [101, "void ReleaseCustomOpDomain(void* domain)"],
  SessionEndProfiling: [110, "void* SessionEndProfiling(void* session, void* allocator, void* out)"],
  CreateEnvWithGlobalThreadPools: [
    119,
    "void* CreateEnvWithGlobalThreadPools(int level, const char* id, void* threading, void* out)",
  ],
  CreateAndRegisterAllocator: [144, "void* CreateAndRegisterAllocator(void* env, void* memory, void* arena)"],
  DisablePerSessionThreads: [120, "void* DisablePerSessionThreads(void* options)"],
  CreateThreadingOptions: [121, "void* CreateThreadingOptions(void* out)"],
  ReleaseThreadingOptions: [122, "void ReleaseThreadingOptions(void* options)"],
  AddSessionConfigEntry: [130, "void* AddSessionConfigEntry(void* options, const char* key, const char* value)"],
  SetGlobalIntraOpNumThreads: [147, "void* SetGlobalIntraOpNumThreads(void* options, int threads)"],
  SetGlobalSpinControl: [149, "void* SetGlobalSpinControl(void* options, int allow)"],
  CreateArenaCfgV2: [164, "void* CreateArenaCfgV2(void* keys, void* values, size_t count, void* out)"],
  ReleaseArenaCfg: [157, "void ReleaseArenaCfg(void* arena)"],
  GetBuildInfoString: [254, "const char* GetBuildInfoString()"],
} as const satisfies { readonly [name: string]: readonly [position: number, prototype: string] };

type FunctionName = keyof typeof functions;

type ForeignFunction = KoffiFunc<(...args: readonly unknown[]) => unknown>;

/** An address in the process; 0n is null. */
export type Address = bigint;

/** The oldest version of the table that has every position above. */
const apiVersion = 22;

/** The calls into the library, with every error status turned into an exception. */
export interface OrtApi {
  readonly version: string;
  /** Address of the function table, for custom operators. */
  readonly table: Address;
  /** Calls a function that has no status. */
  call(name: FunctionName, ...args: readonly unknown[]): unknown;
  /** Calls a function that returns a status. @throws Error with the library's message. */
  check(name: FunctionName, ...args: readonly unknown[]): void;
  /** Like `check`, on another thread. */
  checkAsync(name: FunctionName, ...args: readonly unknown[]): Promise<void>;
  /** Calls a function whose last parameter receives an address. */
  create(name: FunctionName, ...args: readonly unknown[]): Address;
}

/** koffi refuses more than 256 asynchronous calls of a process, whose threads share those that libuv has: four by default. */
const inTurn = atMost(16);

// A library is unloaded when its handle is garbage, whatever still points into it: hold it for ever.
let library: ReturnType<typeof loadOrtLibrary> | undefined;
let api: OrtApi | undefined;

/**
 * Loads the library on first use.
 *
 * @throws Error when koffi or the library is missing here, does not load, or is too old, with what to do.
 */
export function ortApi(): OrtApi {
  if (api) return api;
  library = loadOrtLibrary();
  const { decode, proto } = koffi();
  const [getApi, getVersion] = decode(library.func("void* OrtGetApiBase()")(), "void*", 2) as [Address, Address];
  const version = decode(getVersion, proto("const char* OrtGetVersionString()"))() as string;
  const table = decode(getApi, proto("void* OrtGetApi(uint32_t version)"))(apiVersion) as Address | null;
  if (!table) {
    const advice = installAdvice(ortPackage.name, ortPackage.version);
    throw new Error(
      `onnxruntime ${version} does not offer version ${apiVersion} of its C API, as 1.22 and newer do; ${advice}`,
    );
  }

  const positions = Object.values(functions).map(([position]) => position);
  const addresses = decode(table, "void*", Math.max(...positions) + 1) as Address[];
  const bound = Object.fromEntries(
    Object.entries(functions).map(([name, [position, prototype]]) => [
      name,
      decode(addresses[position] as Address, proto(prototype)) as ForeignFunction,
    ]),
  ) as Record<FunctionName, ForeignFunction>;

  const call = (name: FunctionName, ...args: readonly unknown[]): unknown => bound[name](...args);
  const raise = (name: FunctionName, status: unknown): void => {
    if (!status) return;
    const message = bound.GetErrorMessage(status) as string;
    bound.ReleaseStatus(status);
    throw new Error(`onnxruntime ${name}: ${message}`);
  };
  const check = (name: FunctionName, ...args: readonly unknown[]): void => raise(name, bound[name](...args));
  api = {
    version,
    table,
    call,
    check,
    checkAsync: (name, ...args) =>
      inTurn(
        () =>
          new Promise((resolve, reject) => {
            bound[name].async(...args, (error: unknown, status: unknown) => {
              try {
                if (error) throw error;
                raise(name, status);
                resolve();
              } catch (reason) {
                reject(reason);
              }
            });
          }),
      ),
    create: (name, ...args) => {
      const out = new BigUint64Array(1);
      check(name, ...args, out);
      return out[0] as Address;
    },
  };
  return api;
}
