import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Emitter } from "../graph/emit.ts";
import { type Graph, GraphBuilder, type Node } from "../graph/graph.ts";
import type { BinaryOperation, UnaryOperation } from "../graph/operations.ts";
import { range } from "../graph/shapes.ts";
import { interpretGraph } from "../graph/testing/interpret.ts";
import { randomInputs } from "../graph/testing/random-data.ts";
import { fuse, type Step } from "./fuse.ts";
import { splitReductions } from "./split-reductions.ts";
import { interpretSteps } from "./testing/interpret-steps.ts";

function graphOf(make: (emit: Emitter) => Node | readonly Node[]): Graph {
  const builder = new GraphBuilder();
  return builder.build([make(new Emitter(builder))].flat());
}

/** One line a step: what it runs, what it makes. */
function summary(steps: readonly Step[]): string[] {
  return steps
    .filter((step) => step.kind === "kernel" || !["input", "constant", "full"].includes(step.node.operation))
    .map((step) => {
      if (step.kind === "operation") return step.node.operation;
      const { program, outputs } = step.kernel;
      return `kernel ${program.rows}x${program.columns} -> ${outputs.map(({ kind, node }) => `${kind} ${node.operation}`).join(", ")}`;
    });
}

function expectSame(graph: Graph, steps = fuse(graph), tolerance = 1e-5): void {
  const inputs = randomInputs(graph);
  const expected = interpretGraph(graph, inputs);
  const actual = interpretSteps(graph, steps, inputs);
  expected.forEach((tensor, i) => {
    expect(actual[i]?.shape).toEqual(tensor.shape);
    tensor.data.forEach((value, at) => {
      const given = actual[i]?.data[at] as number;
      // Past the range of float32 the order of operations decides between infinity and NaN.
      if (Number.isFinite(value) && Math.abs(value) < 1e30)
        expect(Math.abs(given - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
    });
  });
}

/** (x − mean) / √(var + ε) · scale, as the layers write it. */
function layerNorm(emit: Emitter, x: Node, scale: Node): Node {
  const last = x.shape.length - 1;
  const centred = emit.sub(x, emit.mean(x, [last], true));
  const variance = emit.mean(emit.unary("square", centred), [last], true);
  return emit.mul(emit.mul(centred, emit.unary("rsqrt", emit.add(variance, 1e-6))), scale);
}

describe("fuse", () => {
  it("sums many rows in parts of a few thousand, and leaves a few long rows to the engine", () => {
    const stepsFor = (shape: readonly number[], axis: number) =>
      fuse(
        graphOf((emit) =>
          emit.reduce("reduceSum", emit.unary("tanh", emit.builder.input("x", "float32", shape)), [axis]),
        ),
      );
    const partsOf = (rows: number) => {
      const [step] = stepsFor([rows, 4], 0).filter(({ kind }) => kind === "kernel");
      return step?.kind === "kernel" && step.kernel.outputs[0]?.shape;
    };
    expect([3, 65_536, 65_537, 1_000_000].map(partsOf)).toEqual([
      [3, 4],
      [16, 4],
      [17, 4],
      [245, 4],
    ]);
    expect(summary(stepsFor([2, 65_536], 1))).toEqual(["tanh", "reduceSum"]);
    expect(summary(stepsFor([2, 65_535], 1))).toEqual(["kernel 2x65535 -> value reduceSum"]);
    expect(summary(stepsFor([16, 65_536], 1))).toEqual(["kernel 16x65536 -> value reduceSum"]);
  });

  it("makes one kernel of a layer norm with what comes before and after it", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [2, 3, 5]);
      const y = emit.builder.input("y", "float32", [2, 3, 5]);
      const scale = emit.builder.input("scale", "float32", [5]);
      return emit.unary("tanh", layerNorm(emit, emit.add(x, y), scale));
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 6x5 -> value tanh"]);
    expectSame(graph, steps);
  });

  it("reads through slice, split into heads and transpose, and normalises in the same pass", () => {
    const graph = graphOf((emit) => {
      const fused = emit.builder.input("qkvu", "float32", [2, 3, 20]);
      const query = emit.slice(fused, [0, 0, 4], [2, 3, 8]);
      const heads = emit.transpose(emit.reshape(query, [2, 3, 2, 4]), [0, 2, 1, 3]);
      const meanSquare = emit.mean(emit.unary("square", heads), [3], true);
      return emit.mul(heads, emit.unary("rsqrt", emit.add(meanSquare, 1e-6)));
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 12x4 -> value mul"]);
    expectSame(graph, steps);
  });

  it("writes through a transpose that nothing else needs untransposed", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [2, 3, 2, 4]);
      const y = emit.mul(emit.unary("exp", x), 0.5);
      return emit.transpose(y, [0, 2, 1, 3]);
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 12x4 -> layout transpose"]);
    expectSame(graph, steps);
  });

  it("copies a view that is needed as it is in one pass", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [2, 3, 12]);
      const value = emit.slice(x, [0, 0, 4], [2, 3, 8]);
      const heads = emit.transpose(emit.reshape(value, [2, 3, 2, 4]), [0, 2, 1, 3]);
      return emit.matmul(heads, heads, { transposeB: true });
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 12x4 -> value transpose", "matmul"]);
    expectSame(graph, steps);
  });

  it("sums over rows inside the kernel that makes the terms", () => {
    const graph = graphOf((emit) => {
      const dy = emit.builder.input("dy", "float32", [4, 7, 5]);
      const x = emit.builder.input("x", "float32", [4, 7, 5]);
      return emit.reduce("reduceSum", emit.mul(dy, x), [0, 1]);
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 28x5 -> rowSums reduceSum"]);
    expectSame(graph, steps);
  });

  it("sums squares row by row inside one kernel", () => {
    const graph = splitReductions(
      graphOf((emit) => {
        const x = emit.builder.input("x", "float32", [4, 7, 5]);
        return emit.reduce("reduceSum", emit.unary("square", x), [0, 1, 2]);
      }),
    );
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 28x5 -> value reduceSum", "reduceSum"]);
    expectSame(graph, steps);
  });

  it("does not let two kernels wait for each other through products", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [4, 4]);
      const w = emit.builder.input("w", "float32", [4, 4]);
      const a = emit.unary("exp", x);
      const p = emit.matmul(a, w);
      const b = emit.unary("sin", w);
      // exp · q can join exp; then sin · p, in one kernel with sin, would need p, so exp, so q, so sin.
      const first = emit.mul(a, emit.matmul(b, x));
      return emit.add(emit.unary("square", first), emit.matmul(emit.mul(b, p), w));
    });
    const steps = fuse(graph);
    expectSame(graph, steps);
  });

  it("waits for what a barrier names", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [6, 8]);
      const w = emit.builder.input("w", "float32", [8, 8]);
      const late = emit.builder.add("barrier", [x, emit.matmul(x, w)], {});
      return emit.mul(emit.unary("tanh", late), 2);
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["matmul", "kernel 6x8 -> value mul"]);
    const last = steps.at(-1);
    expect(last?.kind === "kernel" && last.kernel.after.map(({ operation }) => operation)).toEqual(["matmul"]);
    expectSame(graph, steps);
  });

  it("recomputes in the backward kernel what the forward kernel would have to store", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [6, 8]);
      const w = emit.builder.input("w", "float32", [8, 8]);
      const gate = emit.unary("tanh", emit.mul(x, 0.8));
      const y = emit.mul(x, emit.add(gate, 1));
      const dy = emit.matmul(y, w);
      return emit.mul(dy, emit.sub(1, emit.unary("square", gate)));
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 6x8 -> value mul", "matmul", "kernel 6x8 -> value mul"]);
    expectSame(graph, steps);
  });

  it("writes the parts of a concatenation in their places", () => {
    const graph = graphOf((emit) => {
      const heads = emit.builder.input("heads", "float32", [2, 3, 4, 16]); // [batch, heads, tokens, width]
      const up = emit.builder.input("up", "float32", [8, 32]);
      const w = emit.builder.input("w", "float32", [80, 5]);
      const mixed = emit.reshape(emit.transpose(heads, [0, 2, 1, 3]), [8, 48]);
      const hidden = emit.mul(up, emit.unary("sigmoid", up));
      return emit.matmul(emit.concat([mixed, hidden], 1), w);
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 24x16 -> piece concat", "kernel 8x32 -> piece concat", "matmul"]);
    const [first, second] = steps.flatMap((step) => (step.kind === "kernel" ? [step.kernel] : []));
    expect(second?.outputs[0]).toMatchObject({ onto: first?.outputs[0]?.node });
    expectSame(graph, steps);
  });

  it("writes both parts of a concatenation that one kernel computes, the second by a copy", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [3, 16]);
      const angle = emit.mul(x, 2);
      const both = emit.concat([emit.unary("sin", angle), emit.unary("cos", angle)], 1);
      return emit.matmul(both, both, { transposeB: true });
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(["kernel 3x16 -> piece concat, value cos", "kernel 3x16 -> piece concat", "matmul"]);
    expectSame(graph, steps);
  });

  it("writes pieces of two tensors in one order, though each kernel writes both", () => {
    const graph = graphOf((emit) => {
      const [x, y] = ["x", "y"].map((name) => emit.builder.input(name, "float32", [4, 16])) as [Node, Node];
      const a = emit.mul(emit.unary("exp", x), 0.5);
      const late = emit.mul(emit.matmul(a, emit.builder.input("w", "float32", [16, 32])), 0.1);
      const b = emit.mul(emit.unary("tanh", emit.slice(late, [0, 16], [4, 16])), y);
      return [emit.concat([b, a], 1), emit.concat([a, b], 0)].map((both) => emit.unary("neg", emit.unary("abs", both)));
    });
    const steps = fuse(graph);
    expect(summary(steps).slice(0, 4)).toEqual([
      "kernel 4x16 -> piece concat, value mul, piece concat",
      "matmul",
      "mul",
      "kernel 4x16 -> piece concat, piece concat",
    ]);
    expectSame(graph, steps);
  });

  it("copies concatenations of short rows, of what lies in memory, and those that are results", () => {
    const graph = graphOf((emit) => {
      const [x, y] = [emit.builder.input("x", "float32", [3, 16]), emit.builder.input("y", "float32", [3, 4])];
      const short = emit.unary("square", emit.unary("tanh", y));
      const long = emit.unary("square", emit.unary("tanh", x));
      const product = (z: Node) => emit.matmul(z, z, { transposeB: true });
      return [product(emit.concat([short, y], 1)), product(emit.concat([x, x], 1)), emit.concat([long, x], 1)];
    });
    expect(summary(fuse(graph)).filter((line) => line === "concat")).toHaveLength(3);
    expectSame(graph);
  });

  it("does not put two nodes into one kernel when something between them is not in it", () => {
    const graph = graphOf((emit) => {
      const x = emit.builder.input("x", "float32", [4, 4]);
      const a = emit.unary("exp", emit.mul(x, 2));
      return emit.add(emit.mul(a, 3), emit.matmul(a, a));
    });
    const steps = fuse(graph);
    expect(summary(steps).filter((line) => line === "matmul")).toHaveLength(1);
    expectSame(graph, steps);
  });

  it("updates parameter and both moments of AdamW in one kernel", () => {
    const graph = graphOf((emit) => {
      const [g, m, v, p] = ["g", "m", "v", "p"].map((name) => emit.builder.input(name, "float32", [3, 4])) as [
        Node,
        Node,
        Node,
        Node,
      ];
      const rate = emit.builder.input("rate", "float32", []);
      const first = emit.add(emit.mul(m, 0.9), emit.mul(g, 0.1));
      const second = emit.add(emit.mul(v, 0.99), emit.mul(emit.unary("square", g), 0.01));
      const move = emit.div(first, emit.add(emit.unary("sqrt", emit.unary("abs", second)), 1e-8));
      return [emit.sub(p, emit.mul(move, rate)), first, second];
    });
    const steps = fuse(graph);
    expect(summary(steps)).toHaveLength(1);
    expectSame(graph, steps, 1e-4);
  });

  it("cuts a long chain into kernels of 128 operations", () => {
    const graph = graphOf((emit) => {
      let x: Node = emit.builder.input("x", "float32", [3, 4]);
      for (let step = 0; step < 150; step++) x = emit.add(emit.unary("sin", x), 1);
      return x;
    });
    const steps = fuse(graph);
    expect(summary(steps)).toEqual(new Array(3).fill("kernel 3x4 -> value add"));
    expectSame(graph, steps);
  });
});

describe("fuse, on random programs", () => {
  const unary: UnaryOperation[] = ["tanh", "sigmoid", "square", "neg", "relu", "exp"];
  const binary: BinaryOperation[] = ["add", "sub", "mul", "max", "min"];
  const shapes = fc.array(fc.constantFrom(1, 2, 3, 4), { minLength: 1, maxLength: 4 });
  const choices = fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)), { minLength: 3, maxLength: 16 });

  /** A program that a list of numbers decides: each step takes earlier values and moves, reduces or computes. */
  function randomGraph(shape: readonly number[], steps: readonly (readonly [number, number, number])[]): Graph {
    return graphOf((emit) => {
      const values: Node[] = [
        emit.builder.input("a", "float32", shape),
        emit.builder.input(
          "b",
          "float32",
          shape.map((size, axis) => (axis === shape.length - 1 ? size : 1)),
        ),
      ];
      for (const [kind, first, second] of steps) {
        const x = values[first % values.length] as Node;
        const rank = x.shape.length;
        const y = values.filter(
          ({ shape: other }) => other.every((size, i) => size === x.shape[i] || size === 1) && other.length === rank,
        );
        const partner = y[second % Math.max(1, y.length)] ?? x;
        const axis = second % Math.max(1, rank);
        switch (kind % 11) {
          case 0:
          case 1:
          case 2:
            values.push(emit.binary(binary[kind % binary.length] as BinaryOperation, x, partner));
            break;
          case 3:
          case 4:
            values.push(emit.unary(unary[second % unary.length] as UnaryOperation, x));
            break;
          case 5:
            values.push(emit.mul(emit.reduce("reduceSum", x, [rank - 1], true), 0.3));
            break;
          case 6: {
            const permutation = range(rank);
            if (rank > 2)
              [permutation[0], permutation[axis % (rank - 1)]] = [permutation[axis % (rank - 1)]!, permutation[0]!];
            values.push(emit.transpose(x, permutation));
            break;
          }
          case 9:
            // A product keeps what is before it and what is after it apart.
            if (rank > 1)
              values.push(
                emit.mul(
                  emit.matmul(
                    emit.matmul(x, x, { transposeB: true }),
                    partner.shape.length === rank && partner.shape.every((size, i) => size === x.shape[i])
                      ? partner
                      : x,
                  ),
                  0.1,
                ),
              );
            break;
          case 10:
            // A product reads it, so that it is no result.
            if (rank > 1) {
              const both = emit.concat(
                [x, partner, x].filter(
                  (part) => part.shape.length === rank && part.shape.every((size, i) => size === x.shape[i]),
                ),
                axis,
              );
              values.push(emit.mul(emit.matmul(both, both, { transposeB: true }), 0.1));
            }
            break;
          case 7:
            values.push(
              emit.slice(
                x,
                x.shape.map((size, i) => (i === axis ? Math.floor(size / 2) : 0)),
                x.shape.map((size, i) => (i === axis ? size - Math.floor(size / 2) : size)),
              ),
            );
            break;
          default:
            values.push(emit.reduce("reduceSum", x, range(Math.max(0, rank - 1)), true));
        }
      }
      return values.slice(-3);
    });
  }

  it("computes what the graph computes", () => {
    fc.assert(
      fc.property(shapes, choices, (shape, steps) => {
        expectSame(randomGraph(shape, steps), undefined, 1e-3);
      }),
      { numRuns: 400, seed: 1 },
    );
  });
});
