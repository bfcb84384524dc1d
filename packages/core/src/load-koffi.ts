import { createRequire } from "node:module";
import type koffiModule from "koffi";
import { installAdvice } from "./packages.ts";

type Koffi = typeof koffiModule;

/** The version that this package is tested with. */
export const koffiVersion = "3.3.4";

const require = createRequire(import.meta.url);

let loaded: Koffi | undefined;

/**
 * koffi, by which native libraries are called. It is loaded when it is first needed, so that all that calls none works without it.
 *
 * @throws Error when koffi is not installed, or its own native library does not load, with what to do.
 */
export function koffi(): Koffi {
  try {
    loaded ??= require("koffi") as Koffi;
  } catch (cause) {
    throw new Error(reasonOf(cause as NodeJS.ErrnoException), { cause });
  }
  return loaded;
}

/** Why koffi did not load, in words that hold for every machine. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const [said = ""] = message.split("\n", 1);
  if (code === "MODULE_NOT_FOUND" && said.includes("'koffi'")) {
    return `koffi, by which native libraries are called, is not installed; ${installAdvice("koffi", koffiVersion)}`;
  }
  const platform = `${process.platform}-${process.arch}`;
  return (
    `koffi is installed, but its native library does not load (${said}); it comes in @koromix/koffi-${platform}, an optional ` +
    `dependency of koffi: where there is one for ${platform}, install without leaving optional dependencies out`
  );
}
