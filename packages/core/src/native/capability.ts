import { readFileSync } from "node:fs";
import { executableMemory } from "./executable-memory.ts";
import type { Target } from "./vector-code.ts";

/** Whether row programs can be compiled here, for which instruction sets, or why not. */
export type Capability =
  | { readonly available: true; readonly targets: readonly Target[] }
  | { readonly available: false; readonly reason: string };

/** Names in /proc/cpuinfo of what generated code uses; the kernel lists only what it has enabled. */
const required: Record<Target, readonly string[]> = {
  avx2: ["avx", "avx2", "fma", "bmi1"],
  avx512: ["avx512f", "avx512dq", "avx512bw", "avx512vl"],
};

/** What a machine with this platform, architecture and /proc/cpuinfo can run. The best target comes last. */
export function capabilityOf(platform: string, architecture: string, cpuInfo: string): Capability {
  if (platform !== "linux" || architecture !== "x64") {
    return {
      available: false,
      reason: `operations are compiled for linux x64 only, and this is ${platform} ${architecture}`,
    };
  }
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]?.trim().split(/\s+/));
  const missing = required.avx2.filter((flag) => !flags.has(flag));
  if (missing.length > 0) {
    return { available: false, reason: `the processor lacks ${missing.join(", ")}` };
  }
  return { available: true, targets: required.avx512.every((flag) => flags.has(flag)) ? ["avx2", "avx512"] : ["avx2"] };
}

let known: Capability | undefined;

/** What this machine can run. Also tries whether memory can be made executable. */
export function capability(): Capability {
  known ??= probe();
  return known;
}

function probe(): Capability {
  try {
    const cpuInfo = process.platform === "linux" ? readFileSync("/proc/cpuinfo", "utf8") : "";
    const found = capabilityOf(process.platform, process.arch, cpuInfo);
    if (found.available) executableMemory(Uint8Array.of(0xc3)).release();
    return found;
  } catch (error) {
    return { available: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
