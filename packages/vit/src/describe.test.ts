import { expect, it } from "vitest";
import { vit22b, vitG } from "./config.ts";
import { countParameters } from "./count.ts";
import { describeModel, parts } from "./describe.ts";
import { flops } from "./flops.ts";

it("shows every part of ViT-22B", () => {
  expect(describeModel(vit22b("22B/14", { classes: 29_593 }))).toMatchInlineSnapshot(`
    "48 parallel blocks of width 6144, 48 heads, MLP 24576; 256 tokens, patches of 14×14
    part                                 shape               parameters    GFLOPs
    patch                                588×6144             3,618,816      1.85
    positions                            256×6144             1,572,864
    encoder/block*/norm                  6144 ×48               294,912
    encoder/block*/in                    6144×43008 ×48  12,684,754,944   6493.99
    encoder/block*/attention/query_norm  128 ×48                  6,144
    encoder/block*/attention/key_norm    128 ×48                  6,144
    encoder/block*/attention/products    48×256×256 ×48                     77.31
    encoder/block*/out                   30720×6144 ×48   9,059,991,552   4638.56
    final_norm                           6144                     6,144
    pool/probe                           1×6144                   6,144
    pool/attention/query                 6144×6144           37,754,880    0.0755
    pool/attention/key                   6144×6144           37,754,880     19.33
    pool/attention/value                 6144×6144           37,754,880     19.33
    pool/attention/products              48×1×256                          0.0063
    pool/attention/output                6144×6144           37,754,880    0.0755
    pool/norm                            6144                     6,144
    pool/mlp/in                          6144×24576         151,019,520      0.30
    pool/mlp/out                         24576×6144         151,001,088      0.30
    head                                 6144×29593         181,848,985      0.36
    total                                                22,385,152,921  11251.49"
  `);
});

it("shows the parts of a sequential block apart", () => {
  const names = parts(vitG("S/16", { pooling: "tok" })).map(({ name }) => name);
  expect(names).toEqual([
    "patch",
    "positions",
    "class_token",
    "encoder/block*/attention_norm",
    "encoder/block*/attention/query",
    "encoder/block*/attention/key",
    "encoder/block*/attention/value",
    "encoder/block*/attention/products",
    "encoder/block*/attention/output",
    "encoder/block*/mlp_norm",
    "encoder/block*/mlp/in",
    "encoder/block*/mlp/out",
    "final_norm",
    "head",
  ]);
});

it.each([
  vit22b("B/16"),
  vitG("G/14"),
  vitG("Ti/16", { pooling: "tok" }),
  vit22b("S/32", { fusedInput: false, classes: 0 }),
])("parts add up to the closed forms of parameters and FLOPs (%#)", (config) => {
  const rows = parts(config);
  expect(rows.reduce((sum, part) => sum + part.parameters, 0)).toBe(countParameters(config).total);
  expect(rows.reduce((sum, part) => sum + part.flops, 0)).toBe(flops(config).products);
});
