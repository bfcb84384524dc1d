import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, hostTensor, jit, nn, tfjsEngine, valueAndGrad } from "@vitscale/core";
import {
  chooseLayout,
  counted,
  createCommunicator,
  createMesh,
  elementsSent,
  type LinearForm,
  type LinearLayout,
  meshEngine,
  parallelLinear,
  simulatedRanks,
} from "@vitscale/sharding";
import type { Bench, Table } from "../claim.ts";

/** A layer on ranks. */
export interface Layer {
  readonly ranks: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What one layer did in one layout and form. */
export interface ComparedLayer extends Layer {
  readonly layout: LinearLayout;
  readonly form: LinearForm;
  /** Elements of output, and of the gradients by inputs and kernel, that are not those of the dense layer. */
  readonly different: number;
  /** Bytes that each rank sent forwards. */
  readonly sent: readonly number[];
}

const layouts = ["gather", "reduce"] as const;
const forms = ["plain", "ring", "bidirectional"] as const;
const float = 4;

/** Every layer in every layout and form, beside the dense one. */
export async function compareLayers(layers: readonly Layer[], { signal, progress }: Bench): Promise<ComparedLayer[]> {
  const measured: ComparedLayer[] = [];
  for (const [index, layer] of layers.entries()) {
    progress((0.2 * index) / layers.length, "comparing layers");
    const dense = await onOne(layer);
    for (const layout of layouts) {
      for (const form of forms) {
        signal.throwIfAborted();
        measured.push({ ...layer, layout, form, ...(await onRanks(layer, layout, form, dense)) });
      }
    }
  }
  return measured;
}

type Case = Pick<ComparedLayer, "ranks" | "inputs" | "outputs" | "layout" | "form">;

const isCase = (one: Case, other: Case) =>
  (["ranks", "inputs", "outputs", "layout", "form"] as const).every((key) => one[key] === other[key]);

/** What each rank should have sent. */
export function expectedBytes({ layout, inputs, outputs, ranks, rows }: Omit<ComparedLayer, "sent">): number {
  return float * rows * elementsSent(layout, inputs, outputs, ranks);
}

/** How many times as much the other layout sent as the one that is chosen; for chosen layouts only. */
export function otherOverChosen(layer: ComparedLayer, all: readonly ComparedLayer[]) {
  const { inputs, outputs, layout, sent } = layer;
  if (layout !== chooseLayout(inputs, outputs)) return [];
  const other = all.find((one) => isCase(one, { ...layer, layout: layout === "gather" ? "reduce" : "gather" }));
  return [{ inputs, outputs, ratio: other!.sent[0]! / sent[0]! }];
}

/** Whole numbers from −5 to 5. */
function whole(shape: readonly [number, number], seed: number): HostTensor<"float32"> {
  const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => ((i * 7 + seed * 13) % 11) - 5);
  return hostTensor("float32", shape, data);
}

/** A rank's block of rows or columns. */
function block(
  { shape, data }: HostTensor<"float32">,
  axis: 0 | 1,
  ranks: number,
  rank: number,
): HostTensor<"float32"> {
  const [rows, columns] = shape as [number, number];
  const [height, width] = axis === 0 ? [rows / ranks, columns] : [rows, columns / ranks];
  const [top, left] = axis === 0 ? [rank * height, 0] : [0, rank * width];
  const value = (i: number) => data[(top + Math.floor(i / width)) * columns + left + (i % width)]!;
  return hostTensor(
    "float32",
    [height, width],
    Float32Array.from({ length: height * width }, (_, i) => value(i)),
  );
}

/** Inputs, kernel, and the weights of the outputs in the loss. */
function layerTensors({ rows, inputs, outputs }: Layer) {
  return { x: whole([rows, inputs], 1), kernel: whole([inputs, outputs], 2), weights: whole([rows, outputs], 3) };
}

type LayerTensors = ReturnType<typeof layerTensors>;

/** Output and gradients of Σ weights ⊙ y; `y` alone to count what is sent forwards. */
function programOf(linear: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor) {
  const differentiate = valueAndGrad(
    ({ x, kernel }: { x: tf.Tensor; kernel: tf.Tensor }, weights: tf.Tensor) => {
      const y = linear(x, kernel);
      return [tf.sum(tf.mul(y, weights)), y] as const;
    },
    { hasAux: true },
  );
  return ({ x, kernel, weights }: { x: tf.Tensor; kernel: tf.Tensor; weights: tf.Tensor }) => {
    const { gradients, aux } = differentiate({ x, kernel }, weights);
    return { weights: aux, ...gradients };
  };
}

/** y under the name of its weights, whose shape it has, and the gradients by x and kernel. */
async function onOne(layer: Layer): Promise<LayerTensors> {
  const run = jit(
    programOf((x, kernel) => nn.linear(x, { kernel })),
    { engine: tfjsEngine("cpu") },
  );
  const { x, kernel, weights } = await run(layerTensors(layer));
  const results = { x: await host(x), kernel: await host(kernel), weights: await host(weights) };
  await run.dispose();
  return results;
}

const host = async (tensor: { host(): Promise<HostTensor> }) => (await tensor.host()) as HostTensor<"float32">;

async function onRanks(
  layer: Layer,
  layout: LinearLayout,
  form: LinearForm,
  dense: LayerTensors,
): Promise<Pick<ComparedLayer, "different" | "sent">> {
  const { ranks } = layer;
  const mesh = createMesh({ model: ranks });
  const sent = Array.from({ length: ranks }, () => 0);
  const isCounting = Array.from({ length: ranks }, () => false);
  const parts = ({ x, kernel, weights }: LayerTensors, rank: number) => ({
    x: block(x, 1, ranks, rank),
    kernel: block(kernel, layout === "gather" ? 1 : 0, ranks, rank),
    weights: block(weights, 1, ranks, rank),
  });
  const transports = simulatedRanks(ranks).map((transport) =>
    counted(transport, ({ from, bytes, label }) => {
      // Programs also compare themselves before they run.
      if (isCounting[from] && label.includes("run")) sent[from]! += bytes;
    }),
  );
  const different = await Promise.all(
    transports.map(async (transport, rank) => {
      const communicator = createCommunicator(mesh, transport);
      const engine = meshEngine(communicator, { engine: tfjsEngine("cpu") });
      const linear = (x: tf.Tensor, kernel: tf.Tensor) =>
        parallelLinear(x, { kernel }, communicator.group("model"), { layout, form });
      const { x, kernel, weights } = parts(layerTensors(layer), rank);
      const [forward, both] = [jit(linear, { engine }), jit(programOf(linear), { engine })];
      isCounting[rank] = true;
      (await forward(x, kernel)).dispose();
      isCounting[rank] = false;
      const results = await both({ x, kernel, weights });
      const expected = parts(dense, rank);
      const counts = await Promise.all(
        (["x", "kernel", "weights"] as const).map(async (name) => {
          const { data } = await host(results[name]);
          return data.filter((value, i) => value !== expected[name].data[i]).length;
        }),
      );
      await Promise.all([forward.dispose(), both.dispose()]);
      return counts.reduce((sum, count) => sum + count);
    }),
  );
  return { different: different.reduce((sum, count) => sum + count), sent };
}

/** Bytes by layer, layout and form. */
export function trafficTable(layers: readonly ComparedLayer[]): Table {
  return {
    title: "Bytes that each rank sends forwards",
    columns: ["ranks", "kernel", ...layouts.flatMap((layout) => forms.map((form) => `${layout}, ${form}`))],
    rows: layers
      .filter(({ layout, form }) => layout === "gather" && form === "plain")
      .map(({ ranks, inputs, outputs }) => [
        `${ranks}`,
        `${inputs} × ${outputs}`,
        ...layouts.flatMap((layout) =>
          forms.map(
            (form) => `${layers.find((one) => isCase(one, { ranks, inputs, outputs, layout, form }))?.sent[0]}`,
          ),
        ),
      ]),
    note: "Ranks are simulated in one thread; bytes are those handed to the transport.",
  };
}
