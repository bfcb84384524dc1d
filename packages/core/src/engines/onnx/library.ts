import { existsSync } from "node:fs";
import { join } from "node:path";
import { koffi } from "../../load-koffi.ts";
import { loadNativeLibrary, type NativeLibrary } from "../../load-library.ts";
import { installAdvice, packageRoot } from "../../packages.ts";

/** The package whose shared library is called, in the version that this package is tested with. */
export const ortPackage = { name: "onnxruntime-node", version: "1.30.0" } as const;

/** The shared library of each platform that the package has one for. */
export const ortLibraries: Readonly<Record<string, string>> = {
  "linux-x64": "bin/napi-v6/linux/x64/libonnxruntime.so.1",
  "linux-arm64": "bin/napi-v6/linux/arm64/libonnxruntime.so.1",
  "darwin-arm64": "bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib",
  "win32-x64": "bin/napi-v6/win32/x64/onnxruntime.dll",
  "win32-arm64": "bin/napi-v6/win32/arm64/onnxruntime.dll",
};

/**
 * Loads ONNX Runtime out of the folder of its package, for a platform such as `"linux-x64"`; those of this machine by default.
 *
 * @throws Error naming what was looked for and what to do when koffi, the package, or its library for the platform is missing, or the
 *   library does not load.
 */
export function loadOrtLibrary({
  platform = `${process.platform}-${process.arch}`,
  root = packageRoot(ortPackage.name),
} = {}): NativeLibrary {
  const { name, version } = ortPackage;
  // First, because nothing can be called without it, and its error says what to do.
  koffi();
  if (root === undefined) {
    throw new Error(
      `${name}, whose native library the onnx engine calls, is not installed; ${installAdvice(name, version)}`,
    );
  }
  const file = ortLibraries[platform];
  if (file === undefined) {
    throw new Error(
      `${name} has no native library for ${platform}, only for ${Object.keys(ortLibraries).join(", ")}; ` +
        'use one of these, or tfjsEngine("cpu") here',
    );
  }
  const path = join(root, file);
  if (!existsSync(path)) {
    throw new Error(
      `${name} is installed without ${file}, its native library for ${platform}: it is incomplete, or another version than ` +
        `${version}; remove it, and ${installAdvice(name, version)}`,
    );
  }
  try {
    return loadNativeLibrary(path);
  } catch (cause) {
    const said = (cause as Error).message.replaceAll(root, name);
    throw new Error(
      `${file} of ${name} is there, but does not load (${said}); install what it asks for, or use tfjsEngine("cpu") here`,
      { cause },
    );
  }
}
