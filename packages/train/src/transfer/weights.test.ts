import { fileURLToPath } from "node:url";
import { type HostTensor, isHostTensor, treeEntries } from "@vitscale/core";
import { init, resamplePositions, vit22b, vitG } from "@vitscale/vit";
import { describe, expect, it } from "vitest";
import { adaptParameters, loadModel } from "./weights.ts";

const entries = (params: unknown) => new Map(treeEntries<HostTensor<"float32">>(params, isHostTensor));
const small = { imageSide: 16, classes: 4, headKernel: "lecun-normal" } as const;
const source = vit22b("mu/4", small);
const trained = { config: source, params: init(source, 7) };

describe("a trained model for another configuration", () => {
  it("keeps all but the position table at another resolution", () => {
    const adapted = entries(adaptParameters(trained, { ...source, imageSide: 24 }, 0));
    const before = entries(trained.params);
    expect(adapted.get("positions")).toEqual(resamplePositions(trained.params.positions as HostTensor<"float32">, 6));
    for (const [name, tensor] of before) if (name !== "positions") expect(adapted.get(name)).toEqual(tensor);
  });

  it("takes fused projections apart and puts them together again", () => {
    const apart = { ...source, fusedInput: false, fusedOutput: false };
    const config = { ...apart, fusedInput: true };
    const once = { config: apart, params: adaptParameters(trained, apart, 0) };
    const back = adaptParameters({ config, params: adaptParameters(once, config, 0) }, source, 0);
    expect(entries(back)).toEqual(entries(trained.params));
  });

  it("begins the head anew for other classes, as a new model of the seed does", () => {
    const target = { ...source, classes: 9 };
    const adapted = entries(adaptParameters(trained, target, 3, { fresh: ["head/.+"] }));
    expect(adapted.get("head/kernel")).toEqual(entries(init(target, 3)).get("head/kernel"));
    expect(adapted.get("patch/kernel")).toEqual(entries(trained.params).get("patch/kernel"));
  });

  it("lists what does not fit", () => {
    const target = { ...source, classes: 9, pooling: "gap" } as const;
    expect(() => adaptParameters(trained, target, 0)).toThrow(
      /begin these parameters anew by patterns in fresh:\n {2}shape: head\/kernel is \[32,4\], and \[32,9\] is needed\n {2}shape: head\/bias is \[4\], and \[9\] is needed\n {2}unknown: pool\/probe/,
    );
    expect(() => adaptParameters(trained, source, 0, { fresh: ["haed/.+"] })).toThrow('the rule "haed/.+" matches no');
  });

  it.each([
    { heads: 1 },
    { qkNorm: "layer" },
    { gelu: "erf" },
    { attentionScale: "none" },
    { norm: "layer" },
    { normEpsilon: 1e-5 },
    { finalNorm: "pooled" },
  ] as const)("is no other function of parameters that keep their shapes: %o", (changes) => {
    const plain = { ...source, qkNormSpan: "width" } as const;
    const [[field, value] = []] = Object.entries(changes);
    const target = { ...plain, ...changes };
    expect([...entries(init(target, 0))].map(([name, { shape }]) => [name, shape])).toEqual(
      [...entries(init(plain, 0))].map(([name, { shape }]) => [name, shape]),
    );
    expect(() => adaptParameters({ config: plain, params: init(plain, 7) }, target, 0)).toThrow(
      `give model what it has:\n  model.${field} is ${JSON.stringify(value)}, and it has`,
    );
  });

  it("takes defaults for what they are, and queries and keys with norms that begin anew", () => {
    const said = { ...source, qkNormSpan: "head", attentionScale: "root", dropout: 0.1, headBias: -10 } as const;
    expect(entries(adaptParameters(trained, said, 0))).toEqual(entries(trained.params));
    const bare = { ...source, qkNorm: "none" } as const;
    const normed = adaptParameters({ config: bare, params: init(bare, 7) }, source, 0, {
      fresh: ["encoder/.+norm/.+"],
    });
    expect([...entries(normed).keys()]).toEqual([...entries(trained.params).keys()]);
  });

  it("reads files of others, at their own resolution and without their heads", async () => {
    const path = fileURLToPath(new URL("../../../vit/fixtures/foreign/big_vision_map.npz", import.meta.url));
    const target = vitG("mu/8", { width: 16, depth: 2, mlpWidth: 48, heads: 2, imageSide: 48, classes: 3 });
    const options = { fresh: ["head/.+"] };
    const model = await loadModel({ kind: "file", path, format: "big-vision", imageSide: 32, classes: 0 }, target);
    const adapted = entries(adaptParameters(model, target, 0, options));
    expect(adapted.get("positions")!.shape).toEqual([36, 16]);
    expect(adapted.get("head/kernel")!.data.every((value) => value === 0)).toBe(true);
  });
});
