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

/** Whoever follows a deeper tree needs more stack than there may be. */
const mostLevels = 1000;

/** The lists and records around a place, with the one that begins there. */
function enter(container: object, path: string, around: readonly object[]): readonly object[] {
  if (around.includes(container)) {
    throw new TypeError(
      `"${path}" of a tree is an object that it stands in itself; leave it out, for a tree has to end`,
    );
  }
  if (around.length === mostLevels) {
    throw new RangeError(`a tree is nested more than ${mostLevels} levels deep, at "${path.slice(0, 40)}…"`);
  }
  return [...around, container];
}

/** What a tree comes to, from its leaves upwards. */
interface Fold<Result> {
  leaf(value: unknown, path: string): Result;
  list(items: Result[]): Result;
  record(entries: [key: string, Result][]): Result;
}

/** @throws TypeError for a tree that contains itself, RangeError for one nested more than 1000 deep. */
function fold<Result>(tree: unknown, isLeaf: IsLeaf, { leaf, list, record }: Fold<Result>): Result {
  const walk = (node: unknown, path: string, around: readonly object[]): Result => {
    const isList = Array.isArray(node);
    if (isLeaf(node) || !(isList || isRecord(node))) return leaf(node, path);
    const inside = enter(node, path, around);
    const child = (key: string | number, value: unknown) =>
      walk(value, path === "" ? `${key}` : `${path}/${key}`, inside);
    return isList
      ? list(Array.from(node, (item, index) => child(index, item)))
      : record(Object.entries(node).map(([key, value]) => [key, child(key, value)]));
  };
  return walk(tree, "", []);
}

/**
 * Calls `visit(leaf, path)` for every leaf; a path is `"encoder/blocks/3/kernel"`, `""` for a bare leaf.
 *
 * @throws TypeError for a tree that contains itself, as the other functions of trees do.
 */
export function treeVisit(tree: unknown, visit: (leaf: unknown, path: string) => void, isLeaf: IsLeaf = never): void {
  fold<void>(tree, isLeaf, { leaf: visit, list() {}, record() {} });
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
  const structure = fold<TreeStructure>(tree, isLeaf, {
    leaf: (value) => {
      leaves.push(value as Leaf);
      return leaf;
    },
    list: (items) => ({ kind: "list", items }),
    record: (entries) => ({ kind: "record", entries }),
  });
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
  return fold<unknown>(tree, isLeaf, {
    leaf: (value, path) => f(value as From, path),
    list: (items) => items,
    record: (entries) => Object.fromEntries(entries),
  }) as MapLeaves<T, From, To>;
}
