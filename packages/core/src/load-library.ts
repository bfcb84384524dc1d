import type koffiModule from "koffi";
import { koffi } from "./load-koffi.ts";

/** A library of which functions can be declared and called. koffi unloads it when it is garbage, whatever still points into it. */
export type NativeLibrary = ReturnType<typeof koffiModule.load>;

/** Stacks of what koffi calls. Its own are 1 MiB, and 128 KiB beside the main thread: graph optimisers and MPI go deeper. */
const stacks = { sync_stack_size: 16 << 20, async_stack_size: 8 << 20 };

/**
 * Loads a shared library for calls through koffi, or, for null, what this process itself is made of.
 *
 * koffi takes settings only before it loads its first library, so whoever loads first makes them for all: libraries are loaded here, and
 * nowhere else.
 *
 * @param isGlobal whether libraries that it loads by itself, such as its plugins, find its symbols
 * @throws Error when koffi is missing, something else has used it before, or there is no such library.
 */
export function loadNativeLibrary(path: string | null, { isGlobal = false } = {}): NativeLibrary {
  const { config, load } = koffi();
  const current = config();
  const isSet = (current.async_stack_size ?? 0) >= stacks.async_stack_size;
  if (!isSet) {
    try {
      config({ ...current, ...stacks });
    } catch (cause) {
      throw new Error(
        "koffi has loaded a library before, with stacks too small for what comes now; load it by loadNativeLibrary of @vitscale/core, or after it",
        { cause },
      );
    }
  }
  return load(path, { global: isGlobal });
}
