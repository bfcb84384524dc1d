import type { Graph } from "../../graph/graph.ts";
import type { HostTensor } from "../../host-tensor.ts";
import type { CompileOptions, Engine, EngineDescription, Executable } from "../engine.ts";
import { refuseCollectives } from "../refuse-collectives.ts";
import { type BackendChoice, chooseBackend, describeBackend, describeBackends, loadBackend } from "./backends.ts";
import { TfjsExecutable } from "./executable.ts";
import { TfjsTensor } from "./tensor.ts";

/** Interprets graphs on an eager tfjs backend: the reference, and the way to hardware that tfjs knows. */
class TfjsEngine implements Engine {
  readonly name: string;

  constructor(readonly choice: BackendChoice) {
    this.name = choice.engine;
  }

  describe(): EngineDescription {
    return describeBackend(this.choice);
  }

  upload(tensor: HostTensor): TfjsTensor {
    return new TfjsTensor(this, this.choice.backend, tensor.dtype, tensor.shape, tensor);
  }

  async compile(graph: Graph, options: CompileOptions): Promise<Executable> {
    refuseCollectives(graph, options.name);
    await loadBackend(this.choice);
    return new TfjsExecutable(this, this.choice.backend, graph, options);
  }
}

const engines = new Map<string, TfjsEngine>();

/**
 * The engine of a tfjs backend: `"cpu"`, `"wasm"`, `"tensorflow"` (tfjs-node or tfjs-node-gpu), `"webgpu"`, or any name
 * that was registered with tfjs; or by its own name, as `describeEngines` has it, such as `"tfjs-node-gpu"`. Its package is loaded at
 * the first compilation. It computes on the calling thread.
 */
export function tfjsEngine(name: string): Engine {
  const choice = chooseBackend(name);
  const engine = engines.get(choice.engine) ?? new TfjsEngine(choice);
  engines.set(choice.engine, engine);
  return engine;
}

/** Whether each tfjs engine can run here, or what to install. Loads nothing. */
export async function describeTfjsEngines(): Promise<EngineDescription[]> {
  return describeBackends();
}
