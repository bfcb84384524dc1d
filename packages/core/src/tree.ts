/**
 * Trees: plain nested objects and arrays whose leaves are anything that is neither (tensors, numbers, strings).
 * The order of leaves is the order of keys as written, so two trees of one structure flatten alike.
 */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> };

/** The same tree with every leaf of type `From` replaced by `To`. */
export type MapLeaves<T, From, To> = T extends From
  ? To
  : T extends readonly unknown[]
    ? { [K in keyof T]: MapLeaves<T[K], From, To> }
    : T extends object
      ? { [K in keyof T]: MapLeaves<T[K], From, To> }
      : T;

/** A tree with its leaves taken out: what is needed to put leaves of another kind in their places. */
export type TreeStructure =
  | { readonly kind: "leaf" }
  | { readonly kind: "list"; readonly items: readonly TreeStructure[] }
  | { readonly kind: "record"; readonly entries: readonly (readonly [string, TreeStructure])[] };

const leaf: TreeStructure = { kind: "leaf" };

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Decides what a leaf is where plain objects may be leaves too (host tensors are plain objects). */
export type IsLeaf = (value: unknown) => boolean;

const never: IsLeaf = () => false;

/** Calls `visit(leaf, path)` for every leaf; a path is `"encoder/blocks/3/kernel"`, `""` for a bare leaf. */
export function treeVisit(tree: unknown, visit: (leaf: unknown, path: string) => void, isLeaf: IsLeaf = never): void {
  const walk = (node: unknown, path: string): void => {
    const child = (key: string | number) => (path === "" ? `${key}` : `${path}/${key}`);
    if (isLeaf(node)) visit(node, path);
    else if (Array.isArray(node)) for (const [index, item] of node.entries()) walk(item, child(index));
    else if (isRecord(node)) for (const key of Object.keys(node)) walk(node[key], child(key));
    else visit(node, path);
  };
  walk(tree, "");
}

/** The leaves with their paths, in order. */
export function treeEntries<Leaf = unknown>(tree: unknown, isLeaf?: IsLeaf): [path: string, leaf: Leaf][] {
  const entries: [string, Leaf][] = [];
  treeVisit(tree, (value, path) => entries.push([path, value as Leaf]), isLeaf);
  return entries;
}

/** Leaves in order, and the structure that {@link treeUnflatten} puts them back into. */
export function treeFlatten<Leaf = unknown>(
  tree: unknown,
  isLeaf: IsLeaf = never,
): { leaves: Leaf[]; structure: TreeStructure } {
  const leaves: Leaf[] = [];
  const walk = (node: unknown): TreeStructure => {
    if (!isLeaf(node)) {
      if (Array.isArray(node)) return { kind: "list", items: node.map(walk) };
      if (isRecord(node)) return { kind: "record", entries: Object.keys(node).map((key) => [key, walk(node[key])]) };
    }
    leaves.push(node as Leaf);
    return leaf;
  };
  const structure = walk(tree);
  return { leaves, structure };
}

/**
 * Puts leaves into a structure.
 *
 * @throws RangeError when the number of leaves is not that of the structure.
 */
export function treeUnflatten(structure: TreeStructure, leaves: readonly unknown[]): unknown {
  let next = 0;
  const build = (node: TreeStructure): unknown => {
    switch (node.kind) {
      case "leaf":
        return leaves[next++];
      case "list":
        return node.items.map(build);
      case "record":
        return Object.fromEntries(node.entries.map(([key, child]) => [key, build(child)]));
      default:
        return node satisfies never;
    }
  };
  const tree = build(structure);
  if (next !== leaves.length) {
    throw new RangeError(`the tree has ${next} leaves, but ${leaves.length} were given`);
  }
  return tree;
}

/** A tree of the same structure with `f(leaf, path)` at every leaf. */
export function treeMap<From, To, T = unknown>(
  f: (leaf: From, path: string) => To,
  tree: T,
  isLeaf: IsLeaf = never,
): MapLeaves<T, From, To> {
  const { structure } = treeFlatten(tree, isLeaf);
  const mapped: To[] = [];
  treeVisit(tree, (value, path) => mapped.push(f(value as From, path)), isLeaf);
  return treeUnflatten(structure, mapped) as MapLeaves<T, From, To>;
}

/** Whether two structures have the same keys and lengths everywhere. */
export function sameStructure(a: TreeStructure, b: TreeStructure): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
