import type { DType } from "../host-tensor.ts";
import type { Graph, Node, TensorType } from "./graph.ts";

/** Constants of rank 0 or 1 up to this many elements are written where they are used. */
const inlineLimit = 4;
/** Longer constants show this many elements from their beginning. */
const excerpt = 3;

/** A type as text: `float32[8,197,384]`, `float32[]` for a scalar. */
export function printType({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape}]`;
}

/** A number as it is written in a graph: floats with a point or an exponent, so that `1` is an integer and `1.0` none. */
export function printNumber(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "false" : "true";
  if (Object.is(value, -0)) return dtype === "float32" ? "-0.0" : "0";
  const text = `${dtype === "float32" ? shortestFloat32(value) : value}`;
  return dtype === "float32" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** The number with the fewest digits that is the same float32. */
function shortestFloat32(value: number): number {
  const rounded = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(rounded.toPrecision(digits));
    if (Math.fround(short) === rounded) return short;
  }
  return rounded;
}

/** The text that stands for a node where it is read, if it is short enough to need no line of its own. */
function inlineText(node: Node): string | undefined {
  if (node.operation === "full" && node.shape.length === 0) return printNumber(node.attributes.value, node.dtype);
  if (node.operation !== "constant" || node.shape.length > 1) return undefined;
  const { data } = node.attributes.value;
  if (data.length > inlineLimit) return undefined;
  const elements = Array.from(data, (value) => printNumber(value, node.dtype));
  return node.shape.length === 0 ? elements[0] : `[${elements.join(", ")}]`;
}

function printAttribute(name: string, value: unknown): string | undefined {
  if (value === true) return name;
  if (value === false) return undefined;
  if (Array.isArray(value)) return `${name}=[${value}]`;
  if (typeof value === "object" && value !== null) return `${name}=[${Object.values(value)}]`;
  return `${name}=${Object.is(value, -0) ? "-0" : value}`;
}

function printAttributes(node: Node): string {
  switch (node.operation) {
    case "input":
      return JSON.stringify(node.attributes.name);
    case "full":
      return printNumber(node.attributes.value, node.dtype);
    case "constant": {
      const { data } = node.attributes.value;
      const shown = Array.from(data.subarray(0, excerpt), (value) => printNumber(value, node.dtype));
      return `[${shown.join(", ")}${data.length > excerpt ? ", …" : ""}]`;
    }
    // The result's type, which is printed anyway, says what these attributes say.
    case "reshape":
    case "broadcast":
    case "cast":
    case "randomBits":
      return "";
    default: {
      const entries = Object.entries(node.attributes).flatMap(([name, value]) => printAttribute(name, value) ?? []);
      return entries.length === 0 ? "" : `{${entries.join(", ")}}`;
    }
  }
}

/**
 * A graph as text, one line a node: `%12 = matmul %3, %7 {transposeB} : float32[1576,384]`. Nodes are numbered in the
 * order of the graph, so equal programs print alike whatever their node ids are; scalars and short constants stand
 * where they are read.
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Node, string>();
  const lines: string[] = [];
  const nameOf = (node: Node) => names.get(node) ?? `%undefined(${node.operation})`;
  for (const node of graph.nodes) {
    const short = inlineText(node);
    if (short !== undefined) {
      names.set(node, short);
      continue;
    }
    const name = `%${lines.length}`;
    const words = [node.operation, node.inputs.map(nameOf).join(", "), printAttributes(node)].filter(Boolean);
    lines.push(`${name} = ${words.join(" ")} : ${printType(node)}`);
    names.set(node, name);
  }
  return [...lines, `return ${graph.outputs.map(nameOf).join(", ")}`].join("\n");
}
