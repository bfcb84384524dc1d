import { existsSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
// The one backend that is always there: it also folds constants and computes what other backends lack.
import "@tensorflow/tfjs-backend-cpu";
import { installAdvice, packageRoot } from "../../packages.ts";
import { cannotRun } from "../cannot-run.ts";
import type { EngineDescription } from "../engine.ts";

/** A tfjs backend that this package knows how to load. */
interface KnownBackend {
  /** The engine's name in descriptions and messages. */
  readonly engine: string;
  /** The name under which tfjs registers the backend. */
  readonly backend: string;
  /** The npm package that brings it. */
  readonly package: string;
  /** Whether the package works only once its install script has run. */
  readonly hasScript?: boolean;
  /** What computes. */
  readonly about: string;
  /** Why an installed package cannot work here, found without loading it. */
  readonly obstacle?: (root: string) => string | undefined;
}

const version = "4.22.0";
/** tfjs-node 4.22 calls functions that Node 23 removed; the fix was never released. */
const lastNodeMajor = 22;

const nativeFile = "lib/napi-v8/tfjs_binding.node";

/** The native part of tfjs-node is fetched by its install script, which not every package manager runs unasked. */
function nativeObstacle(name: string, root: string): string | undefined {
  if (Number(process.versions.node.split(".")[0]) > lastNodeMajor) {
    return (
      `${name} ${version} calls functions that Node 23 removed, and this is Node ${process.versions.node}; ` +
      `use Node ${lastNodeMajor} or older, or the "onnx" engine`
    );
  }
  if (existsSync(join(root, nativeFile))) return undefined;
  return (
    `${name} is installed without ${nativeFile}, its native library, which its install script fetches; let the script run: ` +
    `npm rebuild ${name} (pnpm: pnpm add ${name}@${version} --allow-build=${name})`
  );
}

const native = (name: string) => ({
  package: name,
  hasScript: true,
  obstacle: (root: string) => nativeObstacle(name, root),
});

const knownBackends: readonly KnownBackend[] = [
  { engine: "tfjs-cpu", backend: "cpu", package: "@tensorflow/tfjs-backend-cpu", about: "plain JavaScript" },
  { engine: "tfjs-wasm", backend: "wasm", package: "@tensorflow/tfjs-backend-wasm", about: "WebAssembly" },
  {
    engine: "tfjs-node",
    backend: "tensorflow",
    about: "libtensorflow 2.9 on the CPU",
    ...native("@tensorflow/tfjs-node"),
  },
  {
    engine: "tfjs-node-gpu",
    backend: "tensorflow",
    about: "libtensorflow 2.9 on an NVIDIA GPU with CUDA 11.2 and cuDNN 8.1",
    ...native("@tensorflow/tfjs-node-gpu"),
  },
  {
    engine: "tfjs-webgpu",
    backend: "webgpu",
    package: "@tensorflow/tfjs-backend-webgpu",
    about: "WebGPU",
    obstacle: () =>
      "gpu" in ((globalThis as { navigator?: object }).navigator ?? {})
        ? undefined
        : 'this runtime has no navigator.gpu, as Node has none; run in a browser, or use the "onnx" engine',
  },
];

/** Why a backend cannot be loaded, or `undefined` if it should work. Loads nothing. */
function obstacleOf({ package: name, hasScript = false, obstacle }: KnownBackend): string | undefined {
  const root = packageRoot(name);
  if (root !== undefined) return obstacle?.(root);
  return `${name} is not installed; ${installAdvice(name, version, { hasScript })}`;
}

/** Whether each known tfjs engine can run here, found without loading packages or touching the current backend. */
export function describeBackends(): EngineDescription[] {
  return knownBackends.map((known) => {
    const obstacle = obstacleOf(known);
    const reason = obstacle ?? `${known.package} ${version}: ${known.about}`;
    return { name: known.engine, isAvailable: obstacle === undefined, reason };
  });
}

/** What computes: a backend of tfjs, and which package brings it where that was said. */
export interface BackendChoice {
  /** The engine's name in descriptions and messages. */
  readonly engine: string;
  /** The name under which tfjs registers the backend. */
  readonly backend: string;
}

/** The backend that is meant by its name with tfjs (`"wasm"`) or by that of the engine (`"tfjs-wasm"`, `"tfjs-node-gpu"`). */
export function chooseBackend(name: string): BackendChoice {
  const known = knownBackends.find(({ engine }) => engine === name);
  return known ?? { engine: `tfjs-${name}`, backend: name };
}

/** Packages that bring a backend: the one of the engine, or each where only the backend was named. */
function candidatesOf({ engine, backend }: BackendChoice): readonly KnownBackend[] {
  const named = knownBackends.filter((known) => known.engine === engine);
  return named.length > 0 ? named : knownBackends.filter((known) => known.backend === backend);
}

const isRegistered = (backend: string) => tf.findBackendFactory(backend) !== null;

/** Whether a backend is registered with tfjs, or could be loaded, with the reason. */
export function describeBackend(choice: BackendChoice): EngineDescription {
  const { engine: name, backend } = choice;
  if (isRegistered(backend)) {
    const mismatch = backend in tf.engine().registry ? mismatchOf(choice) : undefined;
    return { name, isAvailable: !mismatch, reason: mismatch ?? `tfjs backend "${backend}" is registered` };
  }
  const candidates = candidatesOf(choice);
  if (candidates.length === 0) {
    const names = [...new Set(knownBackends.map((known) => known.backend))].join(", ");
    const reason = `tfjs has no backend "${backend}"; register it, or use one that is loaded by name: ${names}`;
    return { name, isAvailable: false, reason };
  }
  const obstacles = candidates.map(obstacleOf);
  const usable = candidates.find((_, i) => obstacles[i] === undefined);
  if (usable) return { name, isAvailable: true, reason: `${usable.package} ${version}: ${usable.about}` };
  return { name, isAvailable: false, reason: obstacles.join("; or ") };
}

/** A shared library that the dynamic loader did not find. */
const missingLibrary = /(lib(?:cu|nv)[\w.]*|[\w.-]+\.(?:so|dll|dylib)[\w.]*): cannot open shared object/;

function explain(name: string, error: Error): string {
  const library = missingLibrary.exec(error.message)?.[1];
  if (library === undefined) return error.message;
  const remedy = name.endsWith("-gpu")
    ? "it needs CUDA 11.2 and cuDNN 8.1 on the loader's path (LD_LIBRARY_PATH)"
    : "install that library, or reinstall the package";
  return `the library ${library} is missing; ${remedy}`;
}

/** The installed package that brings a backend. tfjs-node-gpu comes before tfjs-node where both are, and neither was named. */
function packageOf(choice: BackendChoice): string {
  const { isAvailable, reason } = describeBackend(choice);
  if (!isAvailable) throw cannotRun(choice.engine, reason);
  const usable = candidatesOf(choice).filter((known) => obstacleOf(known) === undefined);
  return (usable.at(-1) as KnownBackend).package;
}

/** Why the backend that has been loaded is not the one that an engine names: tfjs-node and tfjs-node-gpu share a name, so a process has one. */
function mismatchOf({ engine, backend }: BackendChoice): string | undefined {
  const { isUsingGpuDevice } = tf.engine().registry[backend] as tf.KernelBackend & { isUsingGpuDevice?: boolean };
  if (engine === "tfjs-node-gpu" && !isUsingGpuDevice) {
    return `tfjs backend "${backend}" of this process computes on the CPU: @tensorflow/tfjs-node was loaded first, or no GPU was found`;
  }
  if (engine === "tfjs-node" && isUsingGpuDevice) {
    return `tfjs backend "${backend}" of this process computes on a GPU: @tensorflow/tfjs-node-gpu was loaded first; name that, or use a process of its own`;
  }
  return undefined;
}

/**
 * Makes a backend ready: imports its package if nobody registered it, and waits until it is initialised. The user's
 * current backend stays the current one.
 *
 * @throws Error saying what is missing and the command that installs it, or that another package has taken the name.
 */
export async function loadBackend(choice: BackendChoice): Promise<void> {
  if (!(choice.backend in tf.engine().registry)) await initialise(choice);
  const mismatch = mismatchOf(choice);
  if (mismatch !== undefined) throw cannotRun(choice.engine, mismatch);
}

async function initialise(choice: BackendChoice): Promise<void> {
  const { engine, backend } = choice;
  // A package that is imported may make itself the current backend: let tfjs settle on the user's first.
  await tf.ready();
  const current = tf.getBackend();
  try {
    if (!isRegistered(backend)) {
      const name = packageOf(choice);
      try {
        await import(name);
      } catch (cause) {
        throw cannotRun(engine, explain(name, cause as Error), { cause });
      }
    }
    if (!(await tf.setBackend(backend))) {
      throw cannotRun(engine, "its backend failed to initialise; tfjs printed why");
    }
  } finally {
    await tf.setBackend(current);
  }
}
