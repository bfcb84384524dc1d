import { koffi } from "../../load-koffi.ts";
import { type Address, ortApi } from "./c-api.ts";
import { ortRuntime } from "./runtime.ts";

export interface SessionOptions {
  /** Writes a Chrome trace of every kernel to `PREFIX_<date>.json` when the session is disposed of. */
  readonly profilePrefix?: string;
  /** Adds to the session's options before the session is made, as custom operators do. */
  readonly configure?: (options: Address) => void;
}

// The passes of `graph` and `fusion` leave nothing to do. ONNX Runtime's own would fold splats into constants as large as
// the tensors, and higher levels fuse Add + LayerNormalization into a kernel that is several times slower.
const noOptimisations = 0;

const settings: readonly (readonly [key: string, value: string])[] = [
  // The arena of the environment (`runtime.ts`).
  ["session.use_env_allocators", "1"],
  // Tiny exponentials would otherwise make products run at a tenth of their speed.
  ["session.set_denormal_as_zero", "1"],
];

/** A C string; the buffer must outlive its use. */
function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf8");
}

// Whether sessions run on the environment's threads. Not so where the stock binding made the environment before us.
let sharesThreads = true;

// The library looks whether a domain of operators is known to the process and then adds it, so the first sessions of two threads may
// both add it, and one of them fails (microsoft/onnxruntime#26366). A second time it is known.
const domainRace = "Trying to add a domain to DomainToVersion map, but the domain is already exist";

/** Makes a session. The library's environment is one a process, and whoever comes first decides whether it has threads. */
async function createSession(
  model: Uint8Array,
  profilePrefix: string | undefined,
  configure: SessionOptions["configure"],
): Promise<Address> {
  const api = ortApi();
  const { environment, threads } = ortRuntime();
  const options = api.create("CreateSessionOptions");
  try {
    if (sharesThreads) api.check("DisablePerSessionThreads", options);
    else api.check("SetIntraOpNumThreads", options, threads);
    // A planned block of memory comes on top of what the arena kept from the first run, which could not be planned.
    api.check("DisableMemPattern", options);
    api.check("SetSessionGraphOptimizationLevel", options, noOptimisations);
    for (const [key, value] of settings) api.check("AddSessionConfigEntry", options, key, value);
    if (profilePrefix !== undefined) api.check("EnableProfiling", options, profilePrefix);
    configure?.(options);
    const out = new BigUint64Array(1);
    await api.checkAsync("CreateSessionFromArray", environment, model, model.length, options, out);
    return out[0] as Address;
  } catch (error) {
    const { message } = error as Error;
    if (sharesThreads && message.includes("EnvCreatedWithGlobalThreadPools")) sharesThreads = false;
    else if (!message.includes(domainRace)) throw error;
  } finally {
    api.call("ReleaseSessionOptions", options);
  }
  return createSession(model, profilePrefix, configure);
}

/** A loaded model with fixed inputs and outputs. */
export class OrtSession {
  readonly #session: Address;
  readonly #runOptions: Address;
  readonly #inputNames: BigUint64Array;
  readonly #outputNames: BigUint64Array;
  readonly #strings: readonly Buffer[];
  readonly #isProfiled: boolean;
  // What native code works on must not become garbage, and nothing else may refer to it meanwhile.
  readonly #inFlight = new Set<readonly unknown[]>();
  #isDisposed = false;

  private constructor(session: Address, inputs: readonly string[], outputs: readonly string[], isProfiled: boolean) {
    this.#session = session;
    this.#runOptions = ortApi().create("CreateRunOptions");
    const names = [...inputs, ...outputs].map(cString);
    const addresses = names.map((name) => BigInt(koffi().address(name)));
    this.#strings = names;
    this.#inputNames = BigUint64Array.from(addresses.slice(0, inputs.length));
    this.#outputNames = BigUint64Array.from(addresses.slice(inputs.length));
    this.#isProfiled = isProfiled;
  }

  /** Loads a model off the main thread. @throws Error with the library's reason. */
  static async load(
    model: Uint8Array,
    inputs: readonly string[],
    outputs: readonly string[],
    { profilePrefix, configure }: SessionOptions = {},
  ): Promise<OrtSession> {
    const session = await createSession(model, profilePrefix, configure);
    return new OrtSession(session, inputs, outputs, profilePrefix !== undefined);
  }

  /** Runs on handles of tensors; `keep` is held until the run has ended. */
  async run(inputs: readonly Address[], outputs: readonly Address[], keep: unknown): Promise<void> {
    if (this.#isDisposed) throw new Error("a program was run after it was disposed of");
    const [inputHandles, outputHandles] = [BigUint64Array.from(inputs), BigUint64Array.from(outputs)];
    const held = [inputHandles, outputHandles, keep, this.#strings];
    this.#inFlight.add(held);
    try {
      await ortApi().checkAsync(
        "Run",
        this.#session,
        this.#runOptions,
        this.#inputNames,
        inputHandles,
        inputs.length,
        this.#outputNames,
        outputs.length,
        outputHandles,
      );
    } finally {
      this.#inFlight.delete(held);
    }
  }

  /** Frees the model. @throws Error while a run is under way. */
  dispose(): void {
    if (this.#isDisposed) return;
    if (this.#inFlight.size > 0)
      throw new Error("a program was disposed of while it was running; await its runs first");
    this.#isDisposed = true;
    if (this.#isProfiled) {
      const allocator = ortApi().create("GetAllocatorWithDefaultOptions");
      ortApi().create("SessionEndProfiling", this.#session, allocator);
    }
    ortApi().call("ReleaseSession", this.#session);
  }
}
