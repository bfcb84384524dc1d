import * as tf from "@tensorflow/tfjs-core";
import { defaultEngine } from "../engines/default.ts";
import { type DeviceTensor, type Engine, type Executable, isDeviceTensor } from "../engines/engine.ts";
import type { TracedProgram } from "../engines/onnx/export.ts";
import { evaluateNode } from "../engines/tfjs/evaluate-node.ts";
import type { Graph } from "../graph/graph.ts";
import { rematerialize } from "../graph/passes/rematerialize/index.ts";
import { roundProducts } from "../graph/passes/round-products.ts";
import { simplify } from "../graph/passes/simplify.ts";
import { type HostTensor, hostTensor } from "../host-tensor.ts";
import { isRecording, type Parameter, recordGraph } from "../trace/record.ts";
import { type MapLeaves, type TreeStructure, treeEntries, treeFlatten, treeUnflatten } from "../tree.ts";
import { beginCall } from "./hand-over.ts";
import { checkOptions, type JitOptions } from "./options.ts";
import { pairDonations } from "./pair-donations.ts";
import { causeOf, type Flattened, flatten, isTensorLike, type Signature, type TensorLike } from "./signature.ts";

/** A function compiled once for each signature of its arguments. */
export interface Jitted<Arguments extends unknown[], Result> {
  /** Runs the program; results are tensors in the engine's memory. */
  (...args: MapLeaves<Arguments, tf.Tensor, TensorLike>): Promise<MapLeaves<Result, tf.Tensor, DeviceTensor>>;
  /** The simplified graph for arguments like these; compiles nothing and runs nothing. */
  graph(...args: MapLeaves<Arguments, tf.Tensor, TensorLike>): Graph;
  /** That graph with the paths of the results, as `exportOnnx` takes it. */
  trace(...args: MapLeaves<Arguments, tf.Tensor, TensorLike>): TracedProgram;
  /** Frees every compiled program as soon as the calls under way have ended. A later call compiles anew. */
  dispose(): Promise<void>;
}

interface Program {
  readonly executable: Executable;
  readonly structure: TreeStructure;
  /** Leaves of the result: the position of an output, or a value that is no tensor and is returned as it is. */
  readonly leaves: readonly ({ readonly output: number } | { readonly value: unknown })[];
}

/** A program that is compiled, or being compiled, for a signature. */
interface Compilation {
  readonly signature: Signature;
  readonly pending: Promise<Program>;
}

interface Recording extends Omit<Program, "executable"> {
  readonly graph: Graph;
  readonly outputPaths: readonly string[];
  readonly milliseconds: number;
}

/**
 * Compiles a function of TensorFlow.js tensors: it is called once for each signature (structure, shapes and dtypes of
 * its arguments) to record what it computes, and from then on the compiled program runs instead. The function must be
 * pure and may not read values.
 *
 * @throws TypeError for an option that is none; at the first call TracedReadError, UnsupportedKernelError, NestedGradientError, or a
 *   shape error.
 */
export function jit<Arguments extends unknown[], Result>(
  f: (...args: Arguments) => Result,
  options: JitOptions = {},
): Jitted<Arguments, Result> {
  checkOptions(f, options);
  const { engine: chosen, donate = [], precision = "float32", rematerialize: strength, onCompile } = options;
  const name = options.name ?? (f.name || "anonymous");
  const compilations = new Map<string, Compilation>();
  const underWay = new Set<Promise<unknown>>();
  const donated = new Set(donate.map(String));
  let engine = chosen;

  function record(args: Flattened): Recording {
    const start = performance.now();
    const positions = tensorsOf(args);
    const parameters = positions.map((position) => parameterOf(args, position));
    let structure: TreeStructure | undefined;
    const leaves: Program["leaves"][number][] = [];
    const outputPaths: string[] = [];
    const graph = recordGraph(parameters, (placeholders) => {
      const filled = [...args.leaves];
      for (const [i, position] of positions.entries()) filled[position] = placeholders[i];
      const result = f(...(treeUnflatten(args.structure, filled) as Arguments));
      if (result instanceof Promise) {
        // What it fails with has no other listener, and would end the process.
        result.catch(() => {});
        throw new TypeError(
          `function "${name}" returned a promise; what jit compiles is called once to record it, and must be synchronous`,
        );
      }
      structure = treeFlatten(result).structure;
      const outputs: tf.Tensor[] = [];
      for (const [path, leaf] of treeEntries(result)) {
        if (leaf instanceof tf.Tensor) {
          leaves.push({ output: outputs.length });
          outputs.push(leaf);
          outputPaths.push(path);
        } else leaves.push({ value: leaf });
      }
      if (outputs.length === 0) {
        throw new TypeError(
          `function "${name}" returned no tensor, so there is nothing to compile; return its results`,
        );
      }
      return outputs;
    });
    return {
      graph,
      outputPaths,
      leaves,
      structure: structure as TreeStructure,
      milliseconds: performance.now() - start,
    };
  }

  function improve(recorded: Graph): Graph {
    const simplified = simplify(recorded, { evaluate: evaluateNode });
    const rounded = precision === "bfloat16" ? roundProducts(simplified) : simplified;
    return strength === undefined ? rounded : rematerialize(rounded, strength);
  }

  async function compile(args: Flattened, cause: string): Promise<Program> {
    const recording = record(args);
    const simplifyStart = performance.now();
    const graph = improve(recording.graph);
    const compileStart = performance.now();
    engine ??= defaultEngine();
    const donations = pairDonations(graph, recording.outputPaths, donated);
    const executable = await engine.compile(graph, { name, donations });
    onCompile?.({
      name,
      cause,
      recordMilliseconds: recording.milliseconds,
      simplifyMilliseconds: compileStart - simplifyStart,
      compileMilliseconds: performance.now() - compileStart,
      graph,
    });
    return { executable, structure: recording.structure, leaves: recording.leaves };
  }

  /** The leaf in the engine's memory, and whether it was put there only for this call. */
  async function place(leaf: TensorLike, isDonated: boolean): Promise<{ tensor: DeviceTensor; isTemporary: boolean }> {
    const target = engine as Engine;
    if (isDeviceTensor(leaf)) {
      if (leaf.engine === target) return { tensor: leaf, isTemporary: false };
      return { tensor: target.upload(await leaf.host()), isTemporary: true };
    }
    if (typeof leaf === "number") {
      return { tensor: target.upload(hostTensor("float32", [], Float32Array.of(leaf))), isTemporary: true };
    }
    // A donated argument is written to, and the host's array is not ours to write to.
    const host = leaf instanceof tf.Tensor ? hostOf(leaf) : leaf;
    return { tensor: target.upload(isDonated ? { ...host, data: host.data.slice() } : host), isTemporary: true };
  }

  /** The program for arguments like these, compiled at their first call. */
  function programFor(args: Flattened): Promise<Program> {
    const known = compilations.get(args.key);
    if (known) return known.pending;
    const cause = causeOf(
      args.signature,
      [...compilations.values()].map(({ signature }) => signature),
    );
    const compilation = { signature: args.signature, pending: compile(args, cause) };
    compilations.set(args.key, compilation);
    compilation.pending.catch(() => {
      // What failed is tried again at the next call.
      if (compilations.get(args.key) === compilation) compilations.delete(args.key);
    });
    return compilation.pending;
  }

  async function run(given: readonly unknown[]): Promise<unknown> {
    const absent = donate.find((position) => !(position in given));
    if (absent !== undefined) {
      throw new RangeError(
        `function "${name}" donates argument ${absent}, but was called with ${given.length} arguments, counted from 0`,
      );
    }
    const args = flatten(given);
    const tensors = tensorsOf(args).map((position) => {
      const path = args.paths[position] as string;
      const isDonated = donated.has(path.split("/", 1)[0] as string);
      return { leaf: args.leaves[position] as TensorLike, path, isDonated };
    });
    const endCall = beginCall(name, tensors);
    let hasSucceeded = false;
    try {
      const program = await programFor(args);
      const placed = await Promise.all(tensors.map(({ leaf, isDonated }) => place(leaf, isDonated)));
      try {
        const outputs = await program.executable.run(placed.map(({ tensor }) => tensor));
        hasSucceeded = true;
        const leaves = program.leaves.map((leaf) => ("output" in leaf ? outputs[leaf.output] : leaf.value));
        return treeUnflatten(program.structure, leaves);
      } finally {
        for (const { tensor, isTemporary } of placed) if (isTemporary) tensor.dispose();
      }
    } finally {
      endCall(hasSucceeded);
    }
  }

  /** Not an async function: inside another recording it fails there and then, and leaves no promise behind. */
  const call = (...args: unknown[]): Promise<unknown> => {
    if (isRecording()) {
      throw new Error(
        `jitted function "${name}" was called inside another jitted function; call the plain function there`,
      );
    }
    const result = run(args);
    const end = () => underWay.delete(result);
    underWay.add(result);
    result.then(end, end);
    return result;
  };

  const trace = (...args: unknown[]): TracedProgram => {
    const { graph, outputPaths } = record(flatten(args));
    return { name, graph: improve(graph), outputPaths };
  };
  const graph = (...args: unknown[]) => trace(...args).graph;
  const dispose = async () => {
    const old = [...compilations.values()];
    compilations.clear();
    await Promise.allSettled(underWay);
    for (const { pending } of old) await (await pending.catch(() => undefined))?.executable.dispose();
  };
  return Object.assign(call, { graph, trace, dispose }) as unknown as Jitted<Arguments, Result>;
}

/** Positions of the leaves that are tensors. */
function tensorsOf({ leaves }: Flattened): number[] {
  return leaves.flatMap((leaf, position) => (isTensorLike(leaf) ? [position] : []));
}

/** The graph's input for a leaf. */
function parameterOf({ leaves, paths }: Flattened, position: number): Parameter {
  const [leaf, name] = [leaves[position] as TensorLike, paths[position] as string];
  if (typeof leaf === "number") return { name, dtype: "float32", shape: [] };
  return { name, dtype: leaf.dtype as HostTensor["dtype"], shape: leaf.shape };
}

function hostOf(tensor: tf.Tensor): HostTensor {
  const values = tensor.dataSync();
  if (tensor.dtype === "float32") return hostTensor("float32", tensor.shape, values as Float32Array);
  if (tensor.dtype === "int32") return hostTensor("int32", tensor.shape, values as Int32Array);
  if (tensor.dtype === "bool") return hostTensor("bool", tensor.shape, values as Uint8Array);
  throw new TypeError(`a ${tensor.dtype} tensor cannot be passed to a jitted function; use float32, int32 or bool`);
}
