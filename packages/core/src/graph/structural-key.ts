import type { DataOf } from "../host-tensor.ts";
import type { Node } from "./graph.ts";
import { type Attributes, isCommutative, type Operation } from "./operations.ts";

/** Constants of up to this many elements are equal by their elements, longer ones by being the same array. */
const comparedElements = 16;

const identities = new WeakMap<DataOf, number>();
let nextIdentity = 0;

function identityOf(data: DataOf): number {
  const known = identities.get(data);
  if (known !== undefined) return known;
  identities.set(data, nextIdentity);
  return nextIdentity++;
}

// Number.prototype.toString has no −0.
const numberKey = (value: number) => (Object.is(value, -0) ? "-0" : `${value}`);

function attributeKey(value: unknown): string {
  if (typeof value === "number") return numberKey(value);
  if (typeof value !== "object" || value === null) return `${value}`;
  // Axes, shapes and pads: integers, for which joining is right and quick.
  if (Array.isArray(value)) return value.join();
  let key = "";
  for (const name of Object.keys(value).sort())
    key += `${name}=${attributeKey((value as Record<string, unknown>)[name])};`;
  return key;
}

/**
 * A key that is equal for operations that compute the same value; `undefined` for inputs, which equal nothing else.
 * Operands of commutative operations may be in either order.
 */
export function structuralKey<O extends Operation>(
  operation: O,
  inputs: readonly Node[],
  attributes: Attributes[O],
): string | undefined {
  if (operation === "input") return undefined;
  if (operation === "constant") {
    const { dtype, shape, data } = (attributes as Attributes["constant"]).value;
    const elements = data.length <= comparedElements ? Array.from(data, numberKey).join() : `@${identityOf(data)}`;
    return `constant ${dtype}[${shape}] ${elements}`;
  }
  const [a, b] = inputs;
  if (a && b && b.id < a.id && isCommutative(operation)) return `${operation} ${b.id} ${a.id}`;
  let key: string = operation;
  for (const input of inputs) key += ` ${input.id}`;
  return key + attributeKey(attributes);
}
