import { describe, expect, it } from "vitest";
import { hostTensor } from "../../host-tensor.ts";
import { printGraph } from "../print.ts";
import { bool, expectPass, f32, graphOf } from "../testing/expect-pass.ts";
import { simplifyAlgebra } from "./algebra.ts";

describe("one number everywhere", () => {
  it("folds through arithmetic, with the rounding of float32", () => {
    const graph = graphOf([], (e) => [
      e.unary("exp", e.full(1, "float32", [2])),
      e.div(e.full(1, "float32"), 3),
      e.select(e.binary("less", e.full(1, "float32"), 2), e.full(5, "int32"), 6),
      e.cast(e.full(-1.5, "float32", [3]), "int32"),
      e.add(e.full(2 ** 31 - 1, "int32"), 1),
    ]);
    expectPass(
      simplifyAlgebra,
      graph,
      `%0 = full 2.7182817 : float32[2]
       %1 = full -1 : int32[3]
       return %0, 0.33333334, 5, %1, -2147483648`,
    );
  });

  it("folds through movements", () => {
    const graph = graphOf([f32(2)], (e, x) => {
      const ones = e.full(1, "float32", [2, 3]);
      const moved = e.slice(e.transpose(e.reshape(e.broadcast(ones, [4, 2, 3]), [8, 3]), [1, 0]), [0, 2], [3, 2]);
      return [
        moved,
        e.concat([e.full(0, "float32", [1]), e.full(0, "float32", [2])], 0),
        e.pad(e.full(0, "float32", [2]), [1], [2]),
        x,
      ];
    });
    expectPass(
      simplifyAlgebra,
      graph,
      `%1 = full 1.0 : float32[3,2]
       %2 = full 0.0 : float32[3]
       %3 = full 0.0 : float32[5]
       return %1, %2, %3, %0`,
    );
  });

  it("is recognised in constants, and zeros of different signs are kept apart", () => {
    const graph = graphOf([], (e) => [
      e.builder.add("constant", [], { value: hostTensor("float32", [3], Float32Array.of(7, 7, 7)) }),
      e.builder.add("constant", [], { value: hostTensor("float32", [2], Float32Array.of(0, -0)) }),
    ]);
    expectPass(simplifyAlgebra, graph, "%0 = full 7.0 : float32[3]\nreturn %0, [0.0, -0.0]");
  });

  it("stands for everything that has no elements", () => {
    const graph = graphOf([f32(0, 3)], (e, x) => [e.unary("exp", x!), e.matmul(e.transpose(x!, [1, 0]), x!)]);
    expectPass(simplifyAlgebra, graph, "%1 = full 0.0 : float32[0,3]\n%2 = full 0.0 : float32[3,3]\nreturn %1, %2");
  });
});

describe("broadcasts", () => {
  it("are dropped where an elementwise operation broadcasts by itself", () => {
    const graph = graphOf([f32(4, 3), f32(3)], (e, x, b) =>
      e.add(e.mul(x!, e.full(2, "float32", [4, 3])), e.broadcast(e.reshape(b!, [1, 3]), [4, 3])),
    );
    expectPass(
      simplifyAlgebra,
      graph,
      `%2 = mul %0, 2.0 : float32[4,3]
       %3 = add %2, %1 : float32[4,3]
       return %3`,
    );
  });

  it("come after the operation where all operands are stretched", () => {
    const graph = graphOf([f32(4, 1), f32(1, 1)], (e, x, y) =>
      e.mul(e.unary("exp", e.broadcast(x!, [4, 3])), e.broadcast(y!, [4, 3])),
    );
    expectPass(
      simplifyAlgebra,
      graph,
      `%2 = exp %0 : float32[4,1]
       %3 = mul %2, %1 : float32[4,1]
       %4 = broadcast %3 : float32[4,3]
       return %4`,
    );
  });

  it("replace products with ones", () => {
    const graph = graphOf([f32(4, 1)], (e, x) => e.mul(x!, e.full(1, "float32", [4, 3])));
    expectPass(simplifyAlgebra, graph, "%1 = broadcast %0 : float32[4,3]\nreturn %1");
  });

  it("leave the condition of a select as small as it is", () => {
    const graph = graphOf([bool(4, 1), f32(4, 3)], (e, c, x) =>
      e.select(e.broadcast(c!, [4, 3]), x!, e.full(0, "float32", [4, 3])),
    );
    expectPass(simplifyAlgebra, graph, "%2 = select %0, %1, 0.0 : float32[4,3]\nreturn %2");
  });
});

it("prints the same for the same program, simplified once or twice", () => {
  const graph = graphOf([f32(4, 1), f32(3)], (e, x, y) => e.add(e.broadcast(x!, [4, 3]), e.broadcast(y!, [4, 3])));
  const once = simplifyAlgebra(graph);
  expect(printGraph(simplifyAlgebra(once))).toBe(printGraph(once));
});
