import { describe, expect, it } from "vitest";
import { capabilityOf } from "./capability.ts";

describe("capability", () => {
  const avx2 = "processor : 0\nflags\t\t: fpu sse2 avx avx2 fma bmi1\nbugs :\n";
  const avx512 = "flags : avx avx2 fma bmi1 avx512f avx512dq avx512bw avx512vl\n";

  it("takes what the processor's flags allow, the best last", () => {
    expect(capabilityOf("linux", "x64", avx2)).toEqual({ available: true, targets: ["avx2"] });
    expect(capabilityOf("linux", "x64", avx512)).toEqual({ available: true, targets: ["avx2", "avx512"] });
  });

  it("says why not elsewhere", () => {
    expect(capabilityOf("linux", "x64", "flags : sse2 avx bmi1\n")).toEqual({
      available: false,
      reason: "the processor lacks avx2, fma",
    });
    expect(capabilityOf("darwin", "arm64", "")).toEqual({
      available: false,
      reason: "operations are compiled for linux x64 only, and this is darwin arm64",
    });
  });
});
