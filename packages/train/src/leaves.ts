import { type IsLeaf, treeEntries, treeMap } from "@vitscale/core";

/** The leaves of a tree under these names, by name. */
export function pickLeaves<Leaf>(
  tree: unknown,
  names: ReadonlySet<string>,
  isLeaf?: IsLeaf,
): Readonly<Record<string, Leaf>> {
  return Object.fromEntries(treeEntries<Leaf>(tree, isLeaf).filter(([name]) => names.has(name)));
}

/** The tree with other leaves where `replacements` has some under their names. */
export function replaceLeaves<Tree, Leaf>(
  tree: Tree,
  replacements: Readonly<Record<string, Leaf>>,
  isLeaf?: IsLeaf,
): Tree {
  const replaced = treeMap((leaf: Leaf, name) => replacements[name] ?? leaf, tree, isLeaf);
  return replaced as unknown as Tree;
}
