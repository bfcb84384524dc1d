import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { koffi, koffiVersion } from "../../load-koffi.ts";
import { packageRoot } from "../../packages.ts";
import { loadOrtLibrary, ortLibraries, ortPackage } from "./library.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vitscale-library-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = ortLibraries["linux-x64"] as string;

describe("the library of ONNX Runtime", () => {
  it("lies where its package has it, for every platform, in the version that messages name", () => {
    const root = packageRoot("onnxruntime-node") as string;
    for (const library of Object.values(ortLibraries)) expect(existsSync(join(root, library)), library).toBe(true);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect([ortPackage.version, koffiVersion]).toEqual([version, koffi().version]);
  });

  it("that a platform does not have names those that do", () => {
    expect(() => loadOrtLibrary({ platform: "freebsd-x64" })).toThrow(
      "onnxruntime-node has no native library for freebsd-x64, only for linux-x64, linux-arm64, darwin-arm64, win32-x64, " +
        'win32-arm64; use one of these, or tfjsEngine("cpu") here',
    );
  });

  it("that is missing in its package is named by its place there", () => {
    expect(() => loadOrtLibrary({ platform: "linux-x64", root: folder })).toThrow(
      `onnxruntime-node is installed without ${file}, its native library for linux-x64: it is incomplete, or another version ` +
        `than ${ortPackage.version}; remove it, and install it beside @vitscale/core, for example: npm install ` +
        `onnxruntime-node@${ortPackage.version}`,
    );
  });

  it("that does not load says what the system said, and not where this machine keeps it", () => {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), "no library");
    const load = () => loadOrtLibrary({ platform: "linux-x64", root: folder });
    expect(load).toThrow(`${file} of onnxruntime-node is there, but does not load (`);
    expect(load).toThrow('install what it asks for, or use tfjsEngine("cpu") here');
    expect(load).not.toThrow(folder);
  });
});
