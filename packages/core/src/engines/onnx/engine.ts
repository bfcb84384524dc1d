import { fuse, type Step } from "../../fusion/fuse.ts";
import { splitReductions } from "../../fusion/split-reductions.ts";
import type { Graph } from "../../graph/graph.ts";
import type { DType, HostTensor } from "../../host-tensor.ts";
import { checkArguments } from "../arguments.ts";
import { cannotRun } from "../cannot-run.ts";
import type { CompileOptions, DeviceTensor, Engine, EngineDescription, Executable } from "../engine.ts";
import { refuseCollectives } from "../refuse-collectives.ts";
import { ortApi } from "./c-api.ts";
import { safeDonations } from "./donation.ts";
import { expandRandomBits } from "./expand-random-bits.ts";
import { compileKernels, type KernelLibrary, nativeSupport } from "./kernels.ts";
import { lowerGraph } from "./lowering/index.ts";
import { encodeModel } from "./model.ts";
import { refusal } from "./refusal.ts";
import { ortRuntime } from "./runtime.ts";
import { OrtSession } from "./session.ts";
import { OnnxTensor } from "./tensor.ts";

/** Compiles graphs to ONNX and runs them with ONNX Runtime on the CPU, off the main thread. */
class OnnxEngine implements Engine {
  readonly name = "onnx";

  describe(): EngineDescription {
    try {
      const { version } = ortApi();
      const { threads } = ortRuntime();
      const reason = `onnxruntime ${version} on ${threads} threads, ${nativeSupport().reason}`;
      return { name: this.name, isAvailable: true, reason };
    } catch (error) {
      return { name: this.name, isAvailable: false, reason: (error as Error).message };
    }
  }

  allocate(dtype: DType, shape: readonly number[]): OnnxTensor {
    return OnnxTensor.allocate(this, dtype, shape);
  }

  upload(tensor: HostTensor): OnnxTensor {
    this.#requireLibrary();
    return OnnxTensor.share(this, tensor);
  }

  async compile(given: Graph, { name, donations }: CompileOptions): Promise<Executable> {
    this.#requireLibrary();
    refuseCollectives(given, name);
    const isNative = nativeSupport().isUsed;
    const expanded = expandRandomBits(given);
    const graph = isNative ? splitReductions(expanded) : expanded;
    const inputNames = graph.inputs.map((_, i) => `input${i}`);
    const outputNames = graph.outputs.map((_, i) => `output${i}`);
    const steps: readonly Step[] = isNative ? fuse(graph) : graph.nodes.map((node) => ({ kind: "operation", node }));
    const kernels = compileKernels(steps);
    try {
      const model = lowerGraph(graph, name, inputNames, outputNames, steps, kernels?.nameOf);
      const profile = process.env.VITSCALE_PROFILE;
      const options = {
        ...(profile === undefined ? {} : { profilePrefix: `${profile}-${name}` }),
        ...(kernels && { configure: kernels.register }),
      };
      const session = await OrtSession.load(encodeModel(model), inputNames, outputNames, options).catch((error) => {
        throw refusal(error, model);
      });
      return new OnnxExecutable(this, name, graph, session, kernels, safeDonations(graph, steps, donations));
    } catch (error) {
      kernels?.dispose();
      throw error;
    }
  }

  #requireLibrary(): void {
    const { isAvailable, reason } = this.describe();
    if (!isAvailable) throw cannotRun(this.name, reason);
  }
}

class OnnxExecutable implements Executable {
  constructor(
    readonly engine: OnnxEngine,
    readonly name: string,
    readonly graph: Graph,
    readonly session: OrtSession,
    readonly kernels: KernelLibrary | undefined,
    /** Output → input whose memory it takes over. */
    readonly inPlace: ReadonlyMap<number, number>,
  ) {}

  async run(inputs: readonly DeviceTensor[]): Promise<DeviceTensor[]> {
    checkArguments(this.name, this.engine, this.graph.inputs, inputs);
    const tensors = inputs as readonly OnnxTensor[];
    // Nothing is taken over unless those that are handed over are idle.
    for (const input of this.inPlace.values()) (tensors[input] as OnnxTensor).checkIdle();
    const handles = tensors.map((tensor) => tensor.handle);
    const outputs = this.graph.outputs.map(({ dtype, shape }, i) => {
      const donor = this.inPlace.get(i);
      return donor === undefined
        ? OnnxTensor.allocate(this.engine, dtype, shape)
        : (tensors[donor] as OnnxTensor).donate();
    });
    // A donated input is read through the output that now owns its memory.
    for (const [output, input] of this.inPlace) handles[input] = (outputs[output] as OnnxTensor).handle;
    for (const tensor of tensors) tensor.beginUse();
    try {
      await this.session.run(
        handles,
        outputs.map((output) => output.handle),
        [tensors, outputs],
      );
      return outputs;
    } catch (error) {
      for (const output of outputs) output.dispose();
      throw new Error(`program "${this.name}" failed: ${(error as Error).message}`, { cause: error });
    } finally {
      for (const tensor of tensors) tensor.endUse();
    }
  }

  async dispose(): Promise<void> {
    this.session.dispose();
    this.kernels?.dispose();
  }
}

let engine: Engine | undefined;

/** The ONNX Runtime engine of this process. */
export function onnxEngine(): Engine {
  engine ??= new OnnxEngine();
  return engine;
}
