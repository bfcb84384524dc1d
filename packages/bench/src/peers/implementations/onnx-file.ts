import type { HostTensor } from "@vitscale/core";
import { type Implementation, type Prepared, taskBatch, taskOf, timed } from "../implementation.ts";
import { imagesInput } from "../onnx-folder.ts";
import { importPeer } from "../packages.ts";
import type { Task } from "../protocol.ts";

type Inference = Extract<Task, { kind: "inference" }>;

/** A file that is loaded: what loaded it, and how to run it. */
interface Loaded {
  readonly version: string;
  readonly infer: Infer;
}

/** Computes logits [batch, classes] of images. */
type Infer = (images: HostTensor<"uint8">) => Promise<Float32Array>;

/** onnxruntime-node as it comes: a session with its default options, run as its documentation does. */
export const onnxRuntime: Implementation = (given) =>
  runFile(given, "onnxruntime", async ({ threads, onnxFolder }) => {
    const ort = await importPeer<typeof import("onnxruntime-node")>("onnxruntime-node");
    const session = await ort.InferenceSession.create(`${onnxFolder}/onnx/model.onnx`, { intraOpNumThreads: threads });
    return {
      version: `onnxruntime-node ${ort.env.versions.node}`,
      async infer({ shape, data }) {
        const results = await session.run({ [imagesInput]: new ort.Tensor("uint8", data, shape) });
        return results.logits!.data as Float32Array;
      },
    };
  });

/** The part of transformers.js that loads a classifier from a folder and runs it. */
interface Transformers {
  readonly AutoModelForImageClassification: {
    from_pretrained(
      folder: string,
      options: object,
    ): Promise<(inputs: object) => Promise<{ logits: { data: Float32Array } }>>;
  };
  readonly Tensor: new (type: string, data: Uint8Array, shape: readonly number[]) => object;
  readonly env: { allowRemoteModels: boolean; readonly version: string };
}

/** transformers.js on the same file, with its default options and as many threads as the others. */
export const transformersJs: Implementation = (given) =>
  runFile(given, "transformers.js", async ({ threads, onnxFolder }) => {
    const { AutoModelForImageClassification, Tensor, env } =
      await importPeer<Transformers>("@huggingface/transformers");
    env.allowRemoteModels = false;
    const model = await AutoModelForImageClassification.from_pretrained(onnxFolder, {
      ...{ local_files_only: true, dtype: "fp32", device: "cpu" },
      session_options: { intraOpNumThreads: threads },
    });
    return {
      version: `transformers.js ${env.version}`,
      async infer({ shape, data }) {
        const { logits } = await model({ [imagesInput]: new Tensor("uint8", data, [...shape]) });
        return logits.data;
      },
    };
  });

async function runFile(
  given: Task,
  peer: string,
  load: (task: Inference & { readonly onnxFolder: string }) => Promise<Loaded>,
): Promise<Prepared> {
  const task = taskOf(given, "inference", peer);
  const { onnxFolder } = task;
  if (onnxFolder === undefined) throw new Error(`${peer} runs an ONNX file, and the task has none`);
  const { images } = taskBatch(task);
  const { version, infer } = await load({ ...task, onnxFolder });
  return {
    ...{ version, threads: task.threads },
    check: Array.from((await infer(images)).subarray(0, task.model.classes)),
    run: async () => [await timed(() => infer(images))],
  };
}
