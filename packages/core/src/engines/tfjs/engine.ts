import type { Graph } from "../../graph/graph.ts";
import type { HostTensor } from "../../host-tensor.ts";
import type { CompileOptions, Engine, EngineDescription, Executable } from "../engine.ts";
import { refuseCollectives } from "../refuse-collectives.ts";
import { describeBackend, describeBackends, loadBackend } from "./backends.ts";
import { TfjsExecutable } from "./executable.ts";
import { TfjsTensor } from "./tensor.ts";

/** Interprets graphs on an eager tfjs backend: the reference, and the way to hardware that tfjs knows. */
class TfjsEngine implements Engine {
  readonly name: string;

  constructor(readonly backend: string) {
    this.name = `tfjs-${backend}`;
  }

  describe(): EngineDescription {
    return describeBackend(this.backend);
  }

  upload(tensor: HostTensor): TfjsTensor {
    return new TfjsTensor(this, this.backend, tensor.dtype, tensor.shape, tensor);
  }

  async compile(graph: Graph, options: CompileOptions): Promise<Executable> {
    refuseCollectives(graph, options.name);
    await loadBackend(this.backend);
    return new TfjsExecutable(this, this.backend, graph, options);
  }
}

const engines = new Map<string, TfjsEngine>();

/**
 * The engine of a tfjs backend: `"cpu"`, `"wasm"`, `"tensorflow"` (tfjs-node or tfjs-node-gpu), `"webgpu"`, or any name
 * that was registered with tfjs. Its package is loaded at the first compilation. It computes on the calling thread.
 */
export function tfjsEngine(backend: string): Engine {
  const engine = engines.get(backend) ?? new TfjsEngine(backend);
  engines.set(backend, engine);
  return engine;
}

/** Whether each tfjs engine can run here, or what to install. Loads nothing. */
export async function describeTfjsEngines(): Promise<EngineDescription[]> {
  return describeBackends();
}
