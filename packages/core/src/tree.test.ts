import { describe, expect, it } from "vitest";
import { hostTensor, isHostTensor } from "./host-tensor.ts";
import { treeEntries, treeFlatten, treeMap, treeUnflatten, treeVisit } from "./tree.ts";

const tree = { b: [1, { c: 2 }], a: 3, none: [] };

describe("trees", () => {
  it("have their leaves in the order as written, with paths", () => {
    expect(treeEntries(tree)).toEqual([
      ["b/0", 1],
      ["b/1/c", 2],
      ["a", 3],
    ]);
    expect(treeEntries(7)).toEqual([["", 7]]);
  });

  it("are put together again from leaves and structure", () => {
    const { leaves, structure } = treeFlatten<number>(tree);
    expect(treeUnflatten(structure, leaves)).toEqual(tree);
    expect(() => treeUnflatten(structure, [1, 2])).toThrow("the tree has 3 leaves, but 2 were given");
    expect(treeMap((x: number, path) => `${path}=${2 * x}`, tree)).toEqual({
      b: ["b/0=2", { c: "b/1/c=4" }],
      a: "a=6",
      none: [],
    });
  });

  it("have one structure where keys and lengths agree everywhere", () => {
    const structureOf = (value: unknown) => treeFlatten(value).structure;
    expect(structureOf({ a: 1, b: [2] })).toEqual(structureOf({ a: "x", b: [null] }));
    expect(structureOf({ a: 1, b: [2] })).not.toEqual(structureOf({ a: 1, b: { 0: 2 } }));
  });

  it("end at what is called a leaf, and at objects with a class of their own", () => {
    const tensor = hostTensor("float32", [1]);
    const map = new Map();
    expect(treeEntries({ tensor, map }, isHostTensor)).toEqual([
      ["tensor", tensor],
      ["map", map],
    ]);
  });

  it("keep keys that objects treat specially, and holes as undefined", () => {
    const strange = JSON.parse('{"__proto__": 1, "constructor": [2]}') as object;
    expect(JSON.stringify(treeMap((x: number) => x + 1, strange))).toBe('{"__proto__":2,"constructor":[3]}');
    // biome-ignore lint/suspicious/noSparseArray: the case at hand
    expect(treeMap((x: unknown) => x ?? "absent", [1, , 3])).toEqual([1, "absent", 3]);
  });

  it("may hold an object twice, but not inside itself", () => {
    const shared = { x: 1 };
    expect(treeEntries([shared, shared])).toHaveLength(2);
    const cyclic: Record<string, unknown> = { model: { width: 4 } };
    (cyclic.model as Record<string, unknown>).parent = cyclic;
    for (const walk of [treeFlatten, treeEntries, (value: unknown) => treeVisit(value, () => {})]) {
      expect(() => walk([cyclic])).toThrow(
        '"0/model/parent" of a tree is an object that it stands in itself; leave it out, for a tree has to end',
      );
    }
  });

  it("are refused where they are nested deeper than a stack may hold", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level++) deep = [deep];
    expect(() => treeFlatten(deep)).toThrow('a tree is nested more than 1000 levels deep, at "0/0/0/0/0/0');
  });
});
