import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import koffi from "koffi";
import { afterAll, describe, expect, it } from "vitest";
import { type Address, ortApi } from "../engines/onnx/c-api.ts";
import { elementTypes, encodeModel, type OnnxNode } from "../engines/onnx/model.ts";
import { ortRuntime } from "../engines/onnx/runtime.ts";
import { OrtSession } from "../engines/onnx/session.ts";
import { type DataOf, type HostTensor, hostTensor, newData, sizeOf } from "../host-tensor.ts";
import { capability } from "./capability.ts";
import { createCustomOps } from "./custom-op.ts";
import type { CustomOpRequest } from "./custom-op-layout.ts";
import { interpret } from "./interpret.ts";
import { denseRows, type RowProgram, sameForEveryRow } from "./row-program.ts";
import { layerNormGradient, softmax } from "./testing/examples.ts";

const domain = "vitscale.test";
const threads = process.env.VITSCALE_THREADS;
process.env.VITSCALE_THREADS = "2";
afterAll(() => {
  if (threads === undefined) delete process.env.VITSCALE_THREADS;
  else process.env.VITSCALE_THREADS = threads;
});

type Named = Omit<HostTensor, "data"> & { readonly name: string };

interface Network {
  readonly inputs: readonly Named[];
  readonly nodes: readonly Omit<OnnxNode, "attributes">[];
  readonly inner?: readonly Named[];
  readonly outputs: readonly Named[];
}

/** A session over custom operators and others. */
async function load(requests: readonly CustomOpRequest[], { inputs, nodes, inner = [], outputs }: Network) {
  const api = ortApi();
  const ops = createCustomOps(requests);
  const handle = api.create("CreateCustomOpDomain", domain);
  for (const { address } of ops.ops) api.check("CustomOpDomain_Add", handle, address);
  const dispose = () => {
    api.call("ReleaseCustomOpDomain", handle);
    ops.dispose();
  };
  const model = encodeModel({
    name: "test",
    inputs,
    outputs,
    inner,
    nodes: nodes.map((node) => ({ ...node, attributes: {} })),
    initializers: [],
  });
  const names = (tensors: readonly Named[]) => tensors.map(({ name }) => name);
  const session = await OrtSession.load(model, names(inputs), names(outputs), {
    configure: (options) => api.check("AddCustomOpDomain", options, handle),
  }).catch((error: unknown) => {
    dispose();
    throw error;
  });
  return {
    async run(data: readonly DataOf[]): Promise<DataOf[]> {
      const given = inputs.map(({ dtype, shape }, index) => value(hostTensor(dtype, shape, data[index]!)));
      const results = outputs.map(({ dtype, shape }) => hostTensor(dtype, shape, newData(dtype, sizeOf(shape))));
      const received = results.map(value);
      await session.run(given, received, [data, results]);
      for (const handle of [...given, ...received]) api.call("ReleaseValue", handle);
      return results.map(({ data }) => data);
    },
    dispose() {
      session.dispose();
      dispose();
    },
  };
}

/** ONNX Runtime's handle of an array in host memory. */
function value({ dtype, shape, data }: HostTensor): Address {
  const dims = BigInt64Array.from(shape, BigInt);
  // Asking for `buffer` takes a small array out of the garbage collector's moving heap.
  const pointer = koffi.address(new Uint8Array(data.buffer, data.byteOffset));
  const { memory } = ortRuntime();
  const type = elementTypes[dtype];
  return ortApi().create("CreateTensorWithDataAsOrtValue", memory, pointer, data.byteLength, dims, dims.length, type);
}

function numbers(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(index * 1.7) * 3);
}

function worstDifference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  expect(got.length).toBe(want.length);
  return Math.max(0, ...Array.from(want, (number, index) => Math.abs(got[index]! - number)));
}

const float = (name: string, ...shape: number[]): Named => ({ name, dtype: "float32", shape });

describe.runIf(capability().available)("custom operators in ONNX Runtime", () => {
  it("compute what the interpreter does, with inputs that are only waited for", async () => {
    const [rows, columns, chunks] = [700, 97, 5];
    const program = layerNormGradient(rows, columns, chunks);
    const shapes = [
      [rows, columns],
      [chunks, columns],
      [chunks, columns],
    ];
    const inputs = [
      float("x", rows, columns),
      float("dy", rows, columns),
      float("scale", columns),
      float("mean", rows, 1),
      float("inverse", rows),
    ];
    const outputs = [float("dx", ...shapes[0]!), float("dscale", ...shapes[1]!), float("dbias", ...shapes[2]!)];
    const network = await load([{ name: "LayerNormGradient", program, outputShapes: shapes, after: 2 }], {
      inputs: [...inputs, { name: "flag", dtype: "bool", shape: [] }],
      nodes: [
        {
          type: "LayerNormGradient",
          domain,
          inputs: [...inputs.map(({ name }) => name), "flag", "x"],
          outputs: outputs.map(({ name }) => name),
        },
      ],
      outputs,
    });
    const data = inputs.map(({ shape }) => numbers(sizeOf(shape)));
    const results = await network.run([...data, Uint8Array.of(1)]);
    network.dispose();
    const want = interpret(program, data);
    // The sums are the same whatever the number of threads, so nothing differs but for what sqrt(…) allows: nothing.
    for (const [index, result] of results.entries()) expect(worstDifference(result, want[index]!)).toBe(0);
  });

  it("take bytes, booleans, integers and scalars", async () => {
    const [rows, columns] = [6, 50];
    const rowOffset = denseRows(rows, columns);
    const program: RowProgram = {
      rows,
      columns,
      inputs: [
        { dtype: "uint8", rowOffset, columnStride: 1 },
        { dtype: "bool", rowOffset, columnStride: 1 },
        { dtype: "int32", rowOffset: sameForEveryRow, columnStride: 0 },
      ],
      values: [
        { kind: "input", input: 0 },
        { kind: "input", input: 1 },
        { kind: "input", input: 2 },
        { kind: "binary", op: "add", a: 0, b: 2 },
        { kind: "select", condition: 1, a: 3, b: 0 },
        { kind: "binary", op: "greater", a: 4, b: 2 },
      ],
      outputs: [
        { kind: "store", value: 4, dtype: "uint8", rowOffset, columnStride: 1, size: rows * columns },
        { kind: "store", value: 5, dtype: "bool", rowOffset, columnStride: 1, size: rows * columns },
      ],
    };
    const shape = [rows, columns];
    const network = await load([{ name: "Bytes", program, outputShapes: [shape, shape], after: 0 }], {
      inputs: [
        { name: "image", dtype: "uint8", shape },
        { name: "mask", dtype: "bool", shape },
        { name: "offset", dtype: "int32", shape: [] },
      ],
      nodes: [{ type: "Bytes", domain, inputs: ["image", "mask", "offset"], outputs: ["sum", "larger"] }],
      outputs: [
        { name: "sum", dtype: "uint8", shape },
        { name: "larger", dtype: "bool", shape },
      ],
    });
    const image = Uint8Array.from({ length: rows * columns }, (_, index) => (index * 37) % 256);
    const mask = image.map((byte) => byte % 2);
    const data = [image, mask, Int32Array.of(100)];
    const [sum, larger] = await network.run(data);
    network.dispose();
    expect([...sum!]).toEqual([...image].map((byte) => (byte % 2 === 1 ? (byte + 100) % 256 : byte)));
    expect([...larger!]).toEqual([...interpret(program, data)[1]!]);
  });

  it("are given memory of inputs that they may overwrite, and of no others", async () => {
    const [rows, columns] = [64, 33];
    const shape = [rows, columns];
    // The second operator reads each row and the one of the transposed [8, 8] rows: in place it would read its own results.
    const mixed: RowProgram = {
      rows,
      columns,
      inputs: [
        { dtype: "float32", rowOffset: denseRows(rows, columns), columnStride: 1 },
        {
          dtype: "float32",
          rowOffset: {
            base: 0,
            terms: [
              { divisor: 1, modulus: 8, stride: 8 * columns },
              { divisor: 8, modulus: 8, stride: columns },
            ],
          },
          columnStride: 1,
        },
      ],
      values: [
        { kind: "input", input: 0 },
        { kind: "input", input: 1 },
        { kind: "binary", op: "sub", a: 0, b: 1 },
      ],
      outputs: [
        {
          kind: "store",
          value: 2,
          dtype: "float32",
          rowOffset: denseRows(rows, columns),
          columnStride: 1,
          size: rows * columns,
        },
      ],
    };
    const inner = [float("doubled", ...shape), float("soft", ...shape)];
    const network = await load(
      [
        { name: "Softmax", program: softmax(rows, columns), outputShapes: [shape], after: 0 },
        { name: "Mixed", program: mixed, outputShapes: [shape], after: 0 },
      ],
      {
        inputs: [float("x", ...shape)],
        nodes: [
          { type: "Add", domain: "", inputs: ["x", "x"], outputs: ["doubled"] },
          { type: "Softmax", domain, inputs: ["doubled"], outputs: ["soft"] },
          { type: "Mixed", domain, inputs: ["soft", "soft"], outputs: ["y"] },
        ],
        inner,
        outputs: [float("y", ...shape)],
      },
    );
    const x = numbers(rows * columns);
    const [y] = await network.run([x]);
    network.dispose();
    const [soft] = interpret(softmax(rows, columns), [x.map((number) => number * 2)]);
    const [want] = interpret(mixed, [soft!, soft!]);
    expect(worstDifference(y!, want!)).toBeLessThan(1e-7);
    expect(worstDifference(y!, soft!)).toBeGreaterThan(0.01);
  });

  it("write into what another began, whoever had the memory before", async () => {
    const [rows, width] = [40, 20];
    const shape = [rows, 2 * width];
    // The square, or the negative, of the left half of a matrix into the left, or the right, half of another.
    const half = (op: "square" | "neg", base: number): RowProgram => ({
      rows,
      columns: width,
      inputs: [{ dtype: "float32", rowOffset: denseRows(rows, 2 * width), columnStride: 1 }],
      values: [
        { kind: "input", input: 0 },
        { kind: "unary", op, x: 0 },
      ],
      outputs: [
        {
          kind: "store",
          value: 1,
          dtype: "float32",
          rowOffset: { ...denseRows(rows, 2 * width), base },
          columnStride: 1,
          size: rows * 2 * width,
        },
      ],
    });
    const network = await load(
      [
        { name: "Left", program: half("square", 0), outputShapes: [shape], after: 0 },
        { name: "Right", program: half("neg", width), outputShapes: [shape], onto: [0], after: 1 },
      ],
      {
        inputs: [float("x", ...shape)],
        nodes: [
          { type: "Add", domain: "", inputs: ["x", "x"], outputs: ["doubled"] },
          { type: "Left", domain, inputs: ["doubled"], outputs: ["begun"] },
          { type: "Right", domain, inputs: ["x", "begun", "doubled"], outputs: ["whole"] },
          { type: "Add", domain: "", inputs: ["whole", "whole"], outputs: ["y"] },
        ],
        inner: ["doubled", "begun", "whole"].map((name) => float(name, ...shape)),
        outputs: [float("y", ...shape)],
      },
    );
    const x = numbers(rows * 2 * width);
    const [y] = await network.run([x]);
    network.dispose();
    const want = x.map((number, index) => {
      const column = index % (2 * width);
      return 2 * (column < width ? Math.fround(2 * number) ** 2 : -x[index - width]!);
    });
    expect(worstDifference(y!, want)).toBeLessThan(1e-5);
  });

  it("run thousands of times, two runs at once, while garbage is collected", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const [rows, columns] = [200, 65];
    const shape = [rows, columns];
    const network = await load(
      [{ name: "Softmax", program: softmax(rows, columns), outputShapes: [shape], after: 0 }],
      {
        inputs: [float("x", ...shape)],
        nodes: [{ type: "Softmax", domain, inputs: ["x"], outputs: ["y"] }],
        outputs: [float("y", ...shape)],
      },
    );
    const x = numbers(rows * columns);
    const [first] = await network.run([x]);
    for (let round = 0; round < 1500; round++) {
      const results = await Promise.all([network.run([x]), network.run([x])]);
      if (round % 100 === 0) collect();
      for (const [y] of results) if (Buffer.compare(bytes(y!), bytes(first!)) !== 0) expect(y).toEqual(first);
    }
    network.dispose();
  });

  it("are type-checked by the runtime", async () => {
    const shape = [2, 3];
    const loading = load([{ name: "Softmax", program: softmax(2, 3), outputShapes: [shape], after: 0 }], {
      inputs: [{ name: "x", dtype: "int32", shape }],
      nodes: [{ type: "Softmax", domain, inputs: ["x"], outputs: ["y"] }],
      outputs: [float("y", ...shape)],
    });
    await expect(loading).rejects.toThrow(/Type 'tensor\(int32\)' of input parameter \(x\).*is invalid/);
  });

  it("refuse a number of output shapes that is not that of the outputs", () => {
    const request = { name: "Softmax", program: softmax(2, 3), outputShapes: [], after: 0 };
    expect(() => createCustomOps([request])).toThrow("operator Softmax has 1 outputs, but 0 output shapes were given");
  });
});

function bytes(data: DataOf): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
