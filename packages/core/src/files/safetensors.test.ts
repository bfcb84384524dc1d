import { open, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { hostTensor } from "../host-tensor.ts";
import { narrowToBfloat16, narrowToFloat16, widenBfloat16, widenFloat16 } from "./half.ts";
import { saveNpz } from "./npz.ts";
import { openSafetensors, saveSafetensors } from "./safetensors.ts";
import { convertedTensors, directTensors, special } from "./testing/arrays.ts";
import { fixture, scratchFolder } from "./testing/scratch.ts";

const scratch = scratchFolder();

/** A file with this header and so many bytes of data. */
async function write(name: string, header: string | Uint8Array, dataBytes = 0, headerLength?: bigint): Promise<string> {
  const text = Buffer.from(header as string);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(headerLength ?? BigInt(text.length));
  const path = scratch(name);
  await writeFile(path, Buffer.concat([prefix, text, Buffer.alloc(dataBytes)]));
  return path;
}

const entry = (dtype: string, shape: string, begin: number, end: number) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe("openSafetensors", () => {
  it("reads what the reference implementation wrote", async () => {
    const file = await openSafetensors(fixture("reference.safetensors"));
    expect(file.metadata).toEqual({ format: "np" });
    for (const [name, tensor] of Object.entries(directTensors)) expect(await file.read(name)).toEqual(tensor);
    for (const [name, tensor] of Object.entries(convertedTensors)) {
      expect(await file.read(name, { convert: true })).toEqual(tensor);
    }
    const halves = { float16: new Float32Array(11), bfloat16: new Float32Array(11) };
    widenFloat16(narrowToFloat16(special), halves.float16);
    widenBfloat16(narrowToBfloat16(special), halves.bfloat16);
    expect((await file.read("float16", { convert: true })).data).toEqual(halves.float16);
    expect((await file.read("bfloat16", { convert: true })).data).toEqual(halves.bfloat16);
    await file.close();
  });

  it("converts on request only, and only what fits", async () => {
    const path = fixture("reference.safetensors");
    const file = await openSafetensors(path);
    await expect(file.read("int64")).rejects.toThrow(
      `${path}: tensor "int64" is int64, which host tensors do not have; read it with { convert: true } to get int32`,
    );
    await expect(file.read("largest int64", { convert: true })).rejects.toThrow(
      'tensor "largest int64" holds the integer 2147483648, which int32 cannot represent',
    );
    const huge = await write("huge.safetensors", `{"a":${entry("F64", "[1]", 0, 8)}}`);
    await writeFile(huge, new Uint8Array(Float64Array.of(1e300).buffer), { flag: "a" });
    const doubles = await openSafetensors(huge);
    await expect(doubles.read("a", { convert: true })).rejects.toThrow(
      `${huge}: tensor "a" holds the number 1e+300, which float32 cannot represent`,
    );
    await doubles.close();
    await expect(file.read("nothing")).rejects.toThrow(/has no tensor "nothing"; it has 17: ".*", …/);
    await file.close();
  });

  it.each([
    ["no object", "[1]", 0, "its header does not begin with {"],
    ["malformed JSON", '{"a":}', 0, "its header is malformed at character 5"],
    ["a cut string", '{"a', 0, "its header ends early"],
    [
      "a duplicate name",
      `{"a":${entry("U8", "[1]", 0, 1)},"a":${entry("U8", "[1]", 0, 1)}}`,
      1,
      'has the key "a" twice',
    ],
    ["deep JSON", `{"a":${"[".repeat(1e5)}`, 0, "nested more than 8 deep"],
    ["metadata that is no object", '{"__metadata__":1}', 0, "__metadata__ is not an object"],
    ["metadata that is no text", '{"__metadata__":{"a":1}}', 0, 'metadata "a" is not a text'],
    ["a tensor that is no object", '{"a":1}', 0, 'tensor "a" is not described by an object'],
    ["no dtype", '{"a":{"shape":[],"data_offsets":[0,0]}}', 0, 'tensor "a" has no dtype'],
    ["an unknown dtype", `{"a":${entry("X9", "[1]", 0, 1)}}`, 1, 'tensor "a" has the unknown dtype "X9"'],
    ["a dtype of Object.prototype", `{"a":${entry("constructor", "[1]", 0, 1)}}`, 1, "unknown dtype"],
    ["a negative size", `{"a":${entry("U8", "[-1]", 0, 1)}}`, 1, "has no shape of non-negative integers"],
    ["a fractional size", `{"a":${entry("U8", "[0.5]", 0, 1)}}`, 1, "has no shape of non-negative integers"],
    ["a size beyond 2^53", `{"a":${entry("U8", "[9007199254740993]", 0, 1)}}`, 1, "has no shape of non-negative"],
    ["a product that overflows", `{"a":${entry("U8", "[4294967296,4294967296,4294967296]", 0, 0)}}`, 0, "span 0"],
    ["an infinite product", `{"a":${entry("U8", `[${Array(30).fill(2 ** 52)},0]`, 0, 0)}}`, 0, "span 0"],
    ["offsets that do not fit the shape", `{"a":${entry("F32", "[2]", 0, 4)}}`, 4, 'tensor "a" is F32 [2] of 8 bytes'],
    ["offsets in reverse", `{"a":${entry("U8", "[1]", 1, 0)}}`, 1, "span -1"],
    ["one offset", '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}', 1, "has no data_offsets of two"],
    ["a gap", `{"a":${entry("U8", "[1]", 0, 1)},"b":${entry("U8", "[1]", 2, 3)}}`, 3, "without gaps"],
    ["a gap before the first", `{"a":${entry("U8", "[1]", 1, 2)}}`, 2, "without gaps"],
    ["an overlap", `{"a":${entry("U8", "[2]", 0, 2)},"b":${entry("U8", "[2]", 1, 3)}}`, 3, "without overlaps"],
    ["data beyond the end", `{"a":${entry("U8", "[9]", 0, 9)}}`, 8, "it is cut off"],
    ["a remainder", `{"a":${entry("U8", "[1]", 0, 1)}}`, 2, "its tensors end at byte"],
  ] as [string, string, number, string][])("refuses %s", async (name, header, dataBytes, message) => {
    const path = await write("refused.safetensors", header, dataBytes);
    await expect(openSafetensors(path), name).rejects.toThrow(message);
    await expect(openSafetensors(path)).rejects.toThrow(`${path}: `);
  });

  it("refuses headers that are cut off, too long, or not UTF-8, without reading them", async () => {
    const path = scratch("short.safetensors");
    await writeFile(path, Buffer.alloc(7));
    await expect(openSafetensors(path)).rejects.toThrow("is 7 bytes long: too short for a header");
    await expect(openSafetensors(await write("a", "{}", 0, 3n))).rejects.toThrow(
      "its header would be 3 bytes long, but the file has 10",
    );
    for (const length of [100_000_001n, 2n ** 63n, 2n ** 64n - 1n]) {
      await expect(openSafetensors(await write("b", "{}", 0, length))).rejects.toThrow("at most 100000000 are read");
    }
    const header = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    await expect(openSafetensors(await write("c", header))).rejects.toThrow("its header is not UTF-8");
    await expect(openSafetensors(dirname(path))).rejects.toThrow("is not a regular file");
    await expect(openSafetensors(scratch("absent"))).rejects.toThrow("ENOENT");
  });

  it("accepts an empty file, padding, null metadata, and formats that it cannot read", async () => {
    const empty = await openSafetensors(await write("empty.safetensors", '{"__metadata__":null}   '));
    expect([...empty.tensors]).toEqual([]);
    await empty.close();
    const opaque = await openSafetensors(
      await write("opaque.safetensors", `{"a":${entry("F8_E4M3", "[2]", 0, 2)}}`, 2),
    );
    expect(opaque.tensors.get("a")?.storedAs).toBe("F8_E4M3");
    await expect(opaque.read("a")).rejects.toThrow('tensor "a" is F8_E4M3, which cannot be read');
    await opaque.close();

    // Of fewer bits than a byte, three elements of 6 bits do not fill whole bytes, four do.
    const small = await openSafetensors(
      await write("small.safetensors", `{"a":${entry("F6_E2M3", "[4]", 0, 3)},"b":${entry("F4", "[2]", 3, 4)}}`, 4),
    );
    expect([...small.tensors.values()].map(({ storedAs }) => storedAs)).toEqual(["F6_E2M3", "F4"]);
    await small.close();
    const part = await write("part.safetensors", `{"a":${entry("F6_E2M3", "[3]", 0, 3)}}`, 3);
    await expect(openSafetensors(part)).rejects.toThrow("part.safetensors");
  });

  it("refuses a bool that is neither 0 nor 1", async () => {
    const path = await write("bool.safetensors", `{"a":${entry("BOOL", "[2]", 0, 2)}}`, 1);
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.of(2)]));
    const file = await openSafetensors(path);
    await expect(file.read("a")).rejects.toThrow('tensor "a" is bool, but its element 1 is the byte 2');
    await file.close();
  });

  it("finds tensors beyond 4 GiB in a sparse file", async () => {
    const large = 5 * 2 ** 30;
    const header = `{"large":${entry("U8", `[${large}]`, 0, large)},"small":${entry("F32", "[2]", large, large + 8)}}`;
    const path = await write("sparse.safetensors", header);
    const dataStart = 8 + header.length;
    await truncate(path, dataStart + large);
    const handle = await open(path, "r+");
    await handle.write(new Uint8Array(Float32Array.of(1.5, -2).buffer), 0, 8, dataStart + large);
    await handle.close();

    const file = await openSafetensors(path);
    expect(file.tensors.get("large")?.end).toBe(dataStart + large);
    expect((await file.read("small")).data).toEqual(Float32Array.of(1.5, -2));
    await file.close();

    const length = 2 ** 36;
    const endless = await write("endless.safetensors", `{"a":${entry("F32", `[${length}]`, 0, 4 * length)}}`);
    await truncate(endless, (await stat(endless)).size + 4 * length);
    const whole = await openSafetensors(endless);
    await expect(whole.read("a")).rejects.toThrow(
      `${endless}: tensor "a" has 68719476736 elements, more than one array can hold here`,
    );
    await whole.close();
  });
});

describe("saveSafetensors", () => {
  it("writes the very bytes of the reference implementation", async () => {
    const path = scratch("ours.safetensors");
    await saveSafetensors(path, directTensors, { metadata: { "made by": "numpy" } });
    expect(await readFile(path)).toEqual(await readFile(fixture("ours.safetensors")));
  });

  it("gives the same bytes for the same tensors in any order", async () => {
    const options = { metadata: { b: "2", a: "1" } };
    await saveSafetensors(scratch("x"), directTensors, options);
    await saveSafetensors(scratch("y"), new Map(Object.entries(directTensors).reverse()), {
      metadata: { a: "1", b: "2" },
    });
    expect(await readFile(scratch("x"))).toEqual(await readFile(scratch("y")));
  });

  it("keeps bfloat16 as it is, and widens it where that is asked for", async () => {
    const state = hostTensor("bfloat16", [3], Uint16Array.of(0x3fc0, 0xc010, 0x7f80));
    await saveSafetensors(scratch("state"), { state });
    const file = await openSafetensors(scratch("state"));
    expect(file.tensors.get("state")?.format).toBe("bfloat16");
    expect(await file.read("state")).toEqual(state);
    expect((await file.read("state", { convert: true })).data).toEqual(Float32Array.of(1.5, -2.25, Infinity));
    await file.close();
    await expect(saveNpz(scratch("state.npz"), { state })).rejects.toThrow("NumPy has no bfloat16; save the tensor as");
  });

  it.each(["bfloat16", "float16"] as const)("rounds float32 to %s and leaves the rest", async (dtype) => {
    await saveSafetensors(scratch(dtype), directTensors, { dtype });
    const file = await openSafetensors(scratch(dtype));
    expect(file.tensors.get("special")?.format).toBe(dtype);
    expect(await file.read("int32")).toEqual(directTensors.int32);
    const { data } = await file.read("special", { convert: true });
    expect([...data].slice(0, 4)).toEqual([0, -0, 1.5, -2.25]);
    expect(data[10]).toBeCloseTo(0.1, 3);
    await file.close();
  });

  it("reads lazy tensors one at a time, as a device would hand them over", async () => {
    let open = 0;
    const lazy = (value: number) => ({
      dtype: "float32" as const,
      shape: [2],
      read: async () => {
        expect(open++).toBe(0);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return Float32Array.of(value, value);
      },
    });
    await saveSafetensors(scratch("lazy"), { a: lazy(1), b: lazy(2) });
    const file = await openSafetensors(scratch("lazy"));
    expect((await file.read("b")).data).toEqual(Float32Array.of(2, 2));
    await file.close();
  });

  it("keeps names that JavaScript finds special", async () => {
    const names = ["10", "2", "__proto__", "constructor", "a/b", 'quote " backslash \\', "\u00e9\u{1f600}", ""];
    const tensors = names.map((name, i) => [name, hostTensor("int32", [1], Int32Array.of(i))] as const);
    await saveSafetensors(scratch("names"), tensors);
    const file = await openSafetensors(scratch("names"));
    expect([...file.tensors.keys()].sort()).toEqual([...names].sort());
    for (const [i, name] of names.entries()) expect((await file.read(name)).data[0]).toBe(i);
    await file.close();
  });

  it("refuses names and data that make no file", async () => {
    const one = hostTensor("float32", [1]);
    const save = (tensors: Parameters<typeof saveSafetensors>[1]) => saveSafetensors(scratch("none"), tensors);
    await expect(
      save([
        ["a", one],
        ["a", one],
      ]),
    ).rejects.toThrow('two tensors are named "a"');
    await expect(save({ __metadata__: one })).rejects.toThrow('a tensor cannot be named "__metadata__"');
    const metadata = { step: 3 as unknown as string };
    await expect(saveSafetensors(scratch("none"), {}, { metadata })).rejects.toThrow(
      'metadata "step" is number; safetensors hold texts there',
    );
    await expect(save({ "\ud800": one })).rejects.toThrow("is not valid Unicode");
    await expect(save({ a: { ...one, shape: [2] } })).rejects.toThrow(
      'tensor "a" has shape [2] of 2 elements, but 1 were given',
    );
    await expect(save({ a: undefined } as never)).rejects.toThrow('"a" is undefined, but files hold host tensors');
    await expect(save({ layer: { a: one } } as never)).rejects.toThrow('"layer" is a Object, but files hold host');
    await expect(stat(scratch("none"))).rejects.toThrow("ENOENT");
  });

  it("writes as many values into a header as it reads, and no more", async () => {
    // 2 and, for each tensor, 6 + rank: 2 + 1000·(6 + 2091) + 150 = 2²¹.
    const ofRank = (rank: number) => hostTensor("uint8", new Array<number>(rank).fill(1));
    const tensors = (extra: number) =>
      Array.from({ length: 1000 }, (_, i) => [`${i}`, ofRank(i === 0 ? 2091 + extra : 2091)] as const);
    await saveSafetensors(scratch("full"), tensors(150));
    const file = await openSafetensors(scratch("full"));
    expect(file.tensors.size).toBe(1000);
    await file.close();
    await expect(saveSafetensors(scratch("too full"), tensors(151))).rejects.toThrow(
      "the header of 1000 tensors holds 2097153 values, and at most 2097152 are read; use several files",
    );
  });

  it("replaces a file as a whole, and leaves the old one and no litter when it fails", async () => {
    const path = scratch("atomic");
    await saveSafetensors(path, { a: hostTensor("int32", [1], Int32Array.of(1)) });
    const before = await readFile(path);
    const failing = { dtype: "float32" as const, shape: [1], read: () => Promise.reject(new Error("device lost")) };
    await expect(saveSafetensors(path, { a: hostTensor("int32", [1e6]), b: failing })).rejects.toThrow("device lost");
    expect(await readFile(path)).toEqual(before);
    expect((await readdir(dirname(path))).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });
});
