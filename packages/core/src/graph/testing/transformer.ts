import { Emitter } from "../emit.ts";
import { type Graph, GraphBuilder, type Node } from "../graph.ts";

/** Sizes of a small vision transformer, after its patch embedding. */
export interface TransformerSizes {
  readonly depth: number;
  readonly batch: number;
  readonly tokens: number;
  readonly width: number;
  readonly heads: number;
  readonly classes: number;
}

/** A value of the forward pass and how a gradient of it is passed on to what it was computed from. */
interface Differentiable {
  readonly value: Node;
  /** Takes the gradient of `value`, returns that of the operand, and notes gradients of parameters on the way. */
  readonly backward: (gradient: Node) => Node;
}

/** Parameters by name, with the gradients that were found for them. */
class Parameters {
  readonly gradients = new Map<Node, Node>();
  readonly all: Node[] = [];
  constructor(readonly builder: GraphBuilder) {}

  get(name: string, ...shape: number[]): Node {
    const node = this.builder.input(name, "float32", shape);
    this.all.push(node);
    return node;
  }
}

class Layers {
  constructor(
    readonly emit: Emitter,
    readonly parameters: Parameters,
  ) {}

  linear(x: Node, name: string, to: number): Differentiable {
    const { emit, parameters } = this;
    const [batch, tokens, from] = x.shape as [number, number, number];
    const kernel = parameters.get(`${name}/kernel`, from, to);
    const bias = parameters.get(`${name}/bias`, to);
    const flat = emit.reshape(x, [batch * tokens, from]);
    const product = emit.reshape(emit.matmul(flat, kernel), [batch, tokens, to]);
    return {
      value: emit.add(product, bias),
      backward: (gradient) => {
        const rows = emit.reshape(gradient, [batch * tokens, to]);
        parameters.gradients.set(bias, emit.reduce("reduceSum", gradient, [0, 1]));
        parameters.gradients.set(kernel, emit.matmul(flat, rows, { transposeA: true }));
        return emit.reshape(emit.matmul(rows, kernel, { transposeB: true }), x.shape);
      },
    };
  }

  layerNorm(x: Node, name: string): Differentiable {
    const { emit, parameters } = this;
    const width = x.shape[2] as number;
    const scale = parameters.get(`${name}/scale`, width);
    const mean = (y: Node) => emit.div(emit.reduce("reduceSum", y, [2], true), width);
    const centred = emit.sub(x, mean(x));
    const root = emit.unary("rsqrt", emit.add(mean(emit.unary("square", centred)), 1e-6));
    const normal = emit.mul(centred, root);
    return {
      value: emit.mul(normal, scale),
      backward: (gradient) => {
        parameters.gradients.set(scale, emit.reduce("reduceSum", emit.mul(gradient, normal), [0, 1]));
        const d = emit.mul(gradient, scale);
        const along = emit.mul(normal, mean(emit.mul(d, normal)));
        return emit.mul(root, emit.sub(emit.sub(d, mean(d)), along));
      },
    };
  }

  gelu(x: Node): Differentiable {
    const { emit } = this;
    const k = Math.sqrt(2 / Math.PI);
    const cube = emit.binary("pow", x, 3);
    const gate = emit.unary("tanh", emit.mul(k, emit.add(x, emit.mul(0.044715, cube))));
    return {
      value: emit.mul(emit.mul(0.5, x), emit.add(1, gate)),
      backward: (gradient) => {
        const slope = emit.mul(k, emit.add(1, emit.mul(3 * 0.044715, emit.unary("square", x))));
        const bend = emit.mul(emit.mul(0.5, x), emit.mul(emit.sub(1, emit.unary("square", gate)), slope));
        return emit.mul(gradient, emit.add(emit.mul(0.5, emit.add(1, gate)), bend));
      },
    };
  }

  /** Queries, keys and values [batch, tokens, 3 · width] in, [batch, tokens, width] out. */
  attention(x: Node, heads: number): Differentiable {
    const { emit } = this;
    const [batch, tokens, triple] = x.shape as [number, number, number];
    const width = triple / 3;
    const scale = (width / heads) ** -0.5;
    const split = (y: Node) => emit.transpose(emit.reshape(y, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
    const join = (y: Node) => emit.reshape(emit.transpose(y, [0, 2, 1, 3]), [batch, tokens, width]);
    const part = (i: number) => split(emit.slice(x, [0, 0, i * width], [batch, tokens, width]));
    const [q, key, value] = [emit.mul(part(0), scale), part(1), part(2)];
    const weights = emit.builder.add("softmax", [emit.matmul(q, key, { transposeB: true })], {});
    return {
      value: join(emit.matmul(weights, value)),
      backward: (gradient) => {
        const d = split(gradient);
        const dValue = emit.matmul(weights, d, { transposeA: true });
        const dWeights = emit.matmul(d, value, { transposeB: true });
        const sum = emit.reduce("reduceSum", emit.mul(dWeights, weights), [3], true);
        const dScores = emit.mul(weights, emit.sub(dWeights, sum));
        const dQuery = emit.mul(emit.matmul(dScores, key), scale);
        const dKey = emit.matmul(dScores, q, { transposeA: true });
        // The gradient of a slice as tfjs has it: padded to full size, and added.
        const pads = [dQuery, dKey, dValue].map((y, i) =>
          emit.pad(join(y), [0, 0, i * width], [0, 0, (2 - i) * width]),
        );
        return pads.reduce(emit.add);
      },
    };
  }

  residual(x: Node, ...chain: ((x: Node) => Differentiable)[]): Differentiable {
    const steps: Differentiable[] = [];
    for (const layer of chain) steps.push(layer(steps.at(-1)?.value ?? x));
    return {
      value: this.emit.add(x, (steps.at(-1) as Differentiable).value),
      backward: (gradient) =>
        this.emit.add(
          gradient,
          steps.reduceRight((d, step) => step.backward(d), gradient),
        ),
    };
  }
}

/** AdamW's update of a parameter with both moments, at a learning rate that is an input. */
function adam(emit: Emitter, builder: GraphBuilder, parameter: Node, gradient: Node, rate: Node): Node[] {
  const name = (parameter as Node<"input">).attributes.name;
  const moment = (suffix: string) => builder.input(`${name}/${suffix}`, "float32", parameter.shape);
  const first = emit.add(emit.mul(moment("m"), 0.9), emit.mul(gradient, 0.1));
  const second = emit.add(emit.mul(moment("v"), 0.999), emit.mul(emit.unary("square", gradient), 0.001));
  const step = emit.div(first, emit.add(emit.unary("sqrt", second), 1e-8));
  return [emit.sub(parameter, emit.mul(rate, emit.add(step, emit.mul(parameter, 0.01)))), first, second];
}

/**
 * A training step as tracing would record it: forward pass, gradients by hand in tape order, and AdamW unless the
 * gradients themselves are wanted. Outputs: the loss, then for each parameter its gradient, or its new value and moments.
 */
export function transformerTraining(
  { depth, batch, tokens, width, heads, classes }: TransformerSizes,
  { optimizer = true } = {},
): Graph {
  const builder = new GraphBuilder();
  const emit = new Emitter(builder);
  const parameters = new Parameters(builder);
  const layers = new Layers(emit, parameters);
  const input = builder.input("tokens", "float32", [batch, tokens, width]);
  const labels = builder.input("labels", "float32", [batch, classes]);
  const rate = builder.input("rate", "float32", []);

  const tape: Differentiable[] = [];
  const current = () => tape.at(-1)?.value ?? input;
  for (let i = 0; i < depth; i++) {
    const name = (layer: string) => `block${i}/${layer}`;
    const x = current();
    tape.push(
      layers.residual(
        x,
        (y) => layers.layerNorm(y, name("norm0")),
        (y) => layers.linear(y, name("qkv"), 3 * width),
        (y) => layers.attention(y, heads),
        (y) => layers.linear(y, name("projection"), width),
      ),
    );
    tape.push(
      layers.residual(
        current(),
        (y) => layers.layerNorm(y, name("norm1")),
        (y) => layers.linear(y, name("up"), 4 * width),
        (y) => layers.gelu(y),
        (y) => layers.linear(y, name("down"), width),
      ),
    );
  }
  const last = current();
  const pooled = emit.mean(last, [1], true);
  const head = layers.linear(pooled, "head", classes);
  const logits = emit.reshape(head.value, [batch, classes]);
  const shifted = emit.sub(logits, emit.reduce("reduceMax", logits, [1], true));
  const exponentials = emit.unary("exp", shifted);
  const total = emit.reduce("reduceSum", exponentials, [1], true);
  const logProbabilities = emit.sub(shifted, emit.unary("log", total));
  const loss = emit.unary("neg", emit.mean(emit.reduce("reduceSum", emit.mul(labels, logProbabilities), [1]), [0]));

  // Each row of labels sums to 1.
  const dLogits = emit.div(emit.sub(emit.div(exponentials, total), labels), batch);
  const dPooled = head.backward(emit.reshape(dLogits, [batch, 1, classes]));
  const dLast = emit.broadcast(emit.div(dPooled, tokens), last.shape);
  tape.reduceRight((gradient, step) => step.backward(gradient), dLast);

  const results = parameters.all.map((parameter): Node[] => {
    const gradient = parameters.gradients.get(parameter) as Node;
    return optimizer ? adam(emit, builder, parameter, gradient, rate) : [gradient];
  });
  return builder.build([loss, ...results.flat()]);
}
