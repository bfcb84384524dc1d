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
  measureOverlap,
  meshEngine,
  type OverlapCase,
  type OverlapResult,
  overlapEfficiency,
  parallelLinear,
  simulatedRanks,
} from "@vitscale/sharding";
import { type Bench, defineClaim } from "../claim.ts";
import { digits } from "../report/format.ts";

/** A layer on ranks. */
interface Layer {
  readonly ranks: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

interface Plan {
  readonly layers: readonly Layer[];
  readonly overlap: OverlapCase & { readonly rounds: number };
}

/** What one layer did in one layout and form. */
interface Measured extends Layer {
  readonly layout: LinearLayout;
  readonly form: LinearForm;
  /** Elements of output, and of the gradients by inputs and kernel, that are not those of the dense layer. */
  readonly different: number;
  /** Bytes that each rank sent forwards. */
  readonly sent: readonly number[];
}

interface Measurement {
  readonly layers: readonly Measured[];
  readonly overlap: OverlapResult;
}

const layouts = ["gather", "reduce"] as const;
const forms = ["plain", "ring", "bidirectional"] as const;
const float = 4;

/** Linear operations whose features several ranks share: the result, what is sent, and which side to send. */
export const parallelLinearClaim = defineClaim<Plan, Measurement>({
  name: "parallel-linear",
  title: "asynchronous parallel linear operations",
  version: 1,
  isInChoice: false,
  seconds: { quick: 30, full: 120 },
  statements: {
    exact: {
      kind: "paper",
      says: "Ranks that share a linear operation compute what one alone does",
      source: "Dehghani et al. 2023 §3",
      printed: "y = A·x",
      rule:
        "layers of small whole numbers, whose sums and products are exact in float32; reproduced: output and gradients of every layout, form " +
        "and number of ranks equal the dense layer's to the bit; else not seen",
    },
    traffic: {
      kind: "paper",
      says: "Each of k ranks sends (k − 1)/k of the inputs, or of the outputs",
      source: "Dehghani et al. 2023 §3",
      printed: "k − 1 messages of one block each",
      rule: "reproduced: the bytes that each rank hands to its transport are (k − 1)·n/k elements a row to gather, (k − 1)·m/k to reduce; else not seen",
    },
    choice: {
      kind: "paper",
      says: "Which side to shard by follows from the shape: the MLP's output layer sends a quarter if its outputs are reduced",
      source: "Dehghani et al. 2023 §3",
      printed: "by rows where the inputs are fewer, by columns where the outputs are; m = n/4 in the MLP's output",
      rule: "reproduced: for every layer the layout that is chosen sent no more than the other, and for n = 4m the other 4.0 times as much; else not seen",
    },
    overlap: {
      kind: "paper",
      says: "Sending a block while the one before is multiplied hides the communication",
      source: "Dehghani et al. 2023 §3",
      printed: "54.9 % of peak in all; no time of one operation",
      rule:
        "ranks are threads, and blocks travel over a link of known speed; reproduced: the ring's median is below that of gathering first and hides half " +
        "of what can be hidden; same direction: it is below; else not seen",
    },
  },

  plan: (scale) => ({
    layers: [2, 4, ...(scale === "full" ? [3, 8] : [])].flatMap((ranks) => [
      { ranks, rows: 5, inputs: 4 * 24, outputs: 24 },
      { ranks, rows: 5, inputs: 24, outputs: 4 * 24 },
    ]),
    overlap: {
      ...{ layout: "gather", ranks: 2, rows: 1024, inputs: 768, outputs: 768 },
      link: { bytesPerSecond: 2e8, latencyMs: 0.1 },
      rounds: scale === "quick" ? 10 : 50,
    },
  }),

  async measure({ layers, overlap: { rounds, ...overlap } }, bench) {
    const measured = await bench.cell("layers", () => measureLayers(layers, bench));
    bench.progress(0.5, "timing a layer on a link");
    return { layers: measured, overlap: await bench.cell("overlap", () => measureOverlap(overlap, rounds)) };
  },

  judge({ layers, overlap }, { overlap: { ranks } }) {
    const different = layers.reduce((sum, layer) => sum + layer.different, 0);
    const astray = layers.filter(({ sent, ...layer }) => sent.some((bytes) => bytes !== expectedBytes(layer)));
    const ratios = layers.flatMap((layer) => otherOverChosen(layer, layers));
    const isLess = ratios.every(({ ratio }) => ratio >= 1);
    const isQuarter = ratios.every(
      ({ inputs, outputs, ratio }) => inputs !== 4 * outputs || ratio.toFixed(1) === "4.0",
    );
    const hidden = overlapEfficiency(overlap, ranks, "median");
    const isFaster = overlap.ring.median < overlap.plain.median;
    return {
      exact: {
        measured: `${different} elements differ in ${layers.length} cases`,
        verdict: different === 0 ? "reproduced" : "not seen at this scale",
      },
      traffic: {
        measured: `${layers.length - astray.length} of ${layers.length} cases to the byte`,
        verdict: astray.length === 0 ? "reproduced" : "not seen at this scale",
      },
      choice: {
        measured: `the other layout sends at least ${digits(Math.min(...ratios.map(({ ratio }) => ratio)))} times as much`,
        verdict: isLess && isQuarter ? "reproduced" : "not seen at this scale",
      },
      overlap: {
        measured: `${digits(overlap.ring.median)} ms in a ring, ${digits(overlap.plain.median)} ms gathered first; ${digits(100 * hidden)} % hidden`,
        verdict: isFaster && hidden >= 0.5 ? "reproduced" : isFaster ? "same direction" : "not seen at this scale",
      },
    };
  },

  tables: ({ layers }) => [
    {
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
    },
  ],
});

/** Every layer in every layout and form, beside the dense one. */
async function measureLayers(layers: readonly Layer[], { signal, progress }: Bench): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const [index, layer] of layers.entries()) {
    progress((0.5 * index) / layers.length, "comparing layers");
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

type Case = Pick<Measured, "ranks" | "inputs" | "outputs" | "layout" | "form">;

const isCase = (one: Case, other: Case) =>
  (["ranks", "inputs", "outputs", "layout", "form"] as const).every((key) => one[key] === other[key]);

function expectedBytes({ layout, inputs, outputs, ranks, rows }: Omit<Measured, "sent">): number {
  return float * rows * elementsSent(layout, inputs, outputs, ranks);
}

/** How many times as much the other layout sent as the one that is chosen; for chosen layouts only. */
function otherOverChosen(layer: Measured, all: readonly Measured[]) {
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
): Promise<Pick<Measured, "different" | "sent">> {
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
