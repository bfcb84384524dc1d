import { describe, expect, it } from "vitest";
import { Assembler, gpr as r } from "./assembler.ts";
import { evex, setMask, vex, vzeroupper } from "./vector-instructions.ts";

// Bytes written by GNU as 2.40 for the text on the left (Intel syntax).
const expected: readonly [text: string, write: (a: Assembler) => void, bytes: string][] = [
  ["vaddps ymm1, ymm2, ymm3", (a) => vex(a, "vaddps", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c5 ec 58 cb"],
  ["vaddps ymm9, ymm10, ymm11", (a) => vex(a, "vaddps", { width: 256, reg: 9, vvvv: 10, rm: 11 }), "c4 41 2c 58 cb"],
  [
    "vmulps ymm9, ymm2, [r15+r12*4+32]",
    (a) =>
      vex(a, "vmulps", { width: 256, reg: 9, vvvv: 2, rm: { base: r.r15, index: r.r12, scale: 4, displacement: 32 } }),
    "c4 01 6c 59 4c a7 20",
  ],
  [
    "vmulps zmm25, zmm18, [r15+r12*4+128]",
    (a) =>
      evex(a, "vmulps", {
        width: 512,
        reg: 25,
        vvvv: 18,
        rm: { base: r.r15, index: r.r12, scale: 4, displacement: 128 },
      }),
    "62 01 6c 40 59 4c a7 02",
  ],
  [
    "vsubps zmm9, zmm30, zmm29",
    (a) => evex(a, "vsubps", { width: 512, reg: 9, vvvv: 30, rm: 29 }),
    "62 11 0c 40 5c cd",
  ],
  [
    "vdivps zmm0, zmm1, [rsp+100]",
    (a) => evex(a, "vdivps", { width: 512, reg: 0, vvvv: 1, rm: { base: r.rsp, displacement: 100 } }),
    "62 f1 74 48 5e 84 24 64 00 00 00",
  ],
  ["vminps ymm0, ymm1, ymm2", (a) => vex(a, "vminps", { width: 256, reg: 0, vvvv: 1, rm: 2 }), "c5 f4 5d c2"],
  ["vmaxps zmm16, zmm1, zmm2", (a) => evex(a, "vmaxps", { width: 512, reg: 16, vvvv: 1, rm: 2 }), "62 e1 74 48 5f c2"],
  ["vsqrtps ymm14, ymm13", (a) => vex(a, "vsqrtps", { width: 256, reg: 14, rm: 13 }), "c4 41 7c 51 f5"],
  ["vsqrtps zmm14, zmm23", (a) => evex(a, "vsqrtps", { width: 512, reg: 14, rm: 23 }), "62 31 7c 48 51 f7"],
  [
    "vroundps ymm4, ymm12, 8",
    (a) => vex(a, "vroundps", { width: 256, reg: 4, rm: 12, immediate: 8 }),
    "c4 c3 7d 08 e4 08",
  ],
  [
    "vrndscaleps zmm4, zmm12, 8",
    (a) => evex(a, "vroundps", { width: 512, reg: 4, rm: 12, immediate: 8 }),
    "62 d3 7d 48 08 e4 08",
  ],
  [
    "vscalefps zmm4, zmm12, zmm20",
    (a) => evex(a, "vscalefps", { width: 512, reg: 4, vvvv: 12, rm: 20 }),
    "62 b2 1d 48 2c e4",
  ],
  [
    "vcmpps ymm4, ymm5, ymm6, 3",
    (a) => vex(a, "vcmpps", { width: 256, reg: 4, vvvv: 5, rm: 6, immediate: 3 }),
    "c5 d4 c2 e6 03",
  ],
  [
    "vcmpps k1, zmm5, zmm31, 3",
    (a) => evex(a, "vcmpps", { width: 512, reg: 1, vvvv: 5, rm: 31, immediate: 3 }),
    "62 91 54 48 c2 cf 03",
  ],
  [
    "vfmadd213ps ymm4, ymm5, ymm6",
    (a) => vex(a, "vfmadd213ps", { width: 256, reg: 4, vvvv: 5, rm: 6 }),
    "c4 e2 55 a8 e6",
  ],
  [
    "vfmadd231ps zmm4, zmm5, zmm6",
    (a) => evex(a, "vfmadd231ps", { width: 512, reg: 4, vvvv: 5, rm: 6 }),
    "62 f2 55 48 b8 e6",
  ],
  [
    "vfmadd132ps zmm4, zmm5, zmm6",
    (a) => evex(a, "vfmadd132ps", { width: 512, reg: 4, vvvv: 5, rm: 6 }),
    "62 f2 55 48 98 e6",
  ],
  [
    "vfnmadd132ps ymm4, ymm5, ymm6",
    (a) => vex(a, "vfnmadd132ps", { width: 256, reg: 4, vvvv: 5, rm: 6 }),
    "c4 e2 55 9c e6",
  ],
  [
    "vfnmadd213ps ymm4, ymm5, ymm6",
    (a) => vex(a, "vfnmadd213ps", { width: 256, reg: 4, vvvv: 5, rm: 6 }),
    "c4 e2 55 ac e6",
  ],
  [
    "vfnmadd231ps zmm4, zmm5, zmm6",
    (a) => evex(a, "vfnmadd231ps", { width: 512, reg: 4, vvvv: 5, rm: 6 }),
    "62 f2 55 48 bc e6",
  ],
  ["vcvtdq2ps ymm1, ymm2", (a) => vex(a, "vcvtdq2ps", { width: 256, reg: 1, rm: 2 }), "c5 fc 5b ca"],
  ["vcvttps2dq zmm1, zmm2", (a) => evex(a, "vcvttps2dq", { width: 512, reg: 1, rm: 2 }), "62 f1 7e 48 5b ca"],
  ["vcvtps2dq ymm1, ymm2", (a) => vex(a, "vcvtps2dq", { width: 256, reg: 1, rm: 2 }), "c5 fd 5b ca"],
  ["vpaddd ymm1, ymm2, ymm3", (a) => vex(a, "vpaddd", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c5 ed fe cb"],
  ["vpsubd zmm1, zmm2, zmm3", (a) => evex(a, "vpsubd", { width: 512, reg: 1, vvvv: 2, rm: 3 }), "62 f1 6d 48 fa cb"],
  ["vpmulld ymm1, ymm2, ymm3", (a) => vex(a, "vpmulld", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c4 e2 6d 40 cb"],
  ["vpminsd zmm1, zmm2, zmm3", (a) => evex(a, "vpminsd", { width: 512, reg: 1, vvvv: 2, rm: 3 }), "62 f2 6d 48 39 cb"],
  ["vpmaxsd ymm1, ymm2, ymm3", (a) => vex(a, "vpmaxsd", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c4 e2 6d 3d cb"],
  ["vpabsd zmm1, zmm3", (a) => evex(a, "vpabsd", { width: 512, reg: 1, rm: 3 }), "62 f2 7d 48 1e cb"],
  ["vpand ymm1, ymm2, ymm3", (a) => vex(a, "vpand", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c5 ed db cb"],
  ["vpandd zmm1, zmm2, zmm3", (a) => evex(a, "vpand", { width: 512, reg: 1, vvvv: 2, rm: 3 }), "62 f1 6d 48 db cb"],
  ["vpandnd zmm1, zmm2, zmm3", (a) => evex(a, "vpandn", { width: 512, reg: 1, vvvv: 2, rm: 3 }), "62 f1 6d 48 df cb"],
  ["vpord zmm1, zmm2, zmm3", (a) => evex(a, "vpor", { width: 512, reg: 1, vvvv: 2, rm: 3 }), "62 f1 6d 48 eb cb"],
  ["vpxor ymm1, ymm2, ymm3", (a) => vex(a, "vpxor", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c5 ed ef cb"],
  [
    "vpslld ymm9, ymm12, 23",
    (a) => vex(a, "vpshiftd", { width: 256, reg: 6, vvvv: 9, rm: 12, immediate: 23 }),
    "c4 c1 35 72 f4 17",
  ],
  [
    "vpsrad zmm9, zmm28, 23",
    (a) => evex(a, "vpshiftd", { width: 512, reg: 4, vvvv: 9, rm: 28, immediate: 23 }),
    "62 91 35 48 72 e4 17",
  ],
  [
    "vpsrld zmm29, zmm28, 23",
    (a) => evex(a, "vpshiftd", { width: 512, reg: 2, vvvv: 29, rm: 28, immediate: 23 }),
    "62 91 15 40 72 d4 17",
  ],
  ["vpsllvd ymm1, ymm2, ymm3", (a) => vex(a, "vpsllvd", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c4 e2 6d 47 cb"],
  ["vpsrlvd zmm1, zmm2, zmm3", (a) => evex(a, "vpsrlvd", { width: 512, reg: 1, vvvv: 2, rm: 3 }), "62 f2 6d 48 45 cb"],
  ["vpcmpeqd ymm1, ymm2, ymm3", (a) => vex(a, "vpcmpeqd", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c5 ed 76 cb"],
  ["vpcmpgtd ymm1, ymm2, ymm3", (a) => vex(a, "vpcmpgtd", { width: 256, reg: 1, vvvv: 2, rm: 3 }), "c5 ed 66 cb"],
  [
    "vpcmpd k1, zmm2, zmm3, 6",
    (a) => evex(a, "vpcmpd", { width: 512, reg: 1, vvvv: 2, rm: 3, immediate: 6 }),
    "62 f3 6d 48 1f cb 06",
  ],
  ["vpmovm2d zmm17, k1", (a) => evex(a, "vpmovm2d", { width: 512, reg: 17, rm: 1 }), "62 e2 7e 48 38 c9"],
  [
    "vpternlogd zmm1, zmm2, zmm3, 0xca",
    (a) => evex(a, "vpternlogd", { width: 512, reg: 1, vvvv: 2, rm: 3, immediate: 0xca }),
    "62 f3 6d 48 25 cb ca",
  ],
  [
    "vblendvps ymm1, ymm2, ymm3, ymm12",
    (a) => vex(a, "vblendvps", { width: 256, reg: 1, vvvv: 2, rm: 3, immediate: 12 << 4 }),
    "c4 e3 6d 4a cb c0",
  ],
  [
    "vmovups ymm1, [rsi+r12*4]",
    (a) => vex(a, "vmovups", { width: 256, reg: 1, rm: { base: r.rsi, index: r.r12, scale: 4 } }),
    "c4 a1 7c 10 0c a6",
  ],
  [
    "vmovups [rsi+r12*4], ymm8",
    (a) => vex(a, "vmovupsStore", { width: 256, reg: 8, rm: { base: r.rsi, index: r.r12, scale: 4 } }),
    "c4 21 7c 11 04 a6",
  ],
  [
    "vmovups zmm1{k2}{z}, [rsi+r12*4+64]",
    (a) =>
      evex(
        a,
        "vmovups",
        { width: 512, reg: 1, rm: { base: r.rsi, index: r.r12, scale: 4, displacement: 64 } },
        2,
        true,
      ),
    "62 b1 7c ca 10 4c a6 01",
  ],
  [
    "vmovups [rsi+r12*4]{k2}, zmm28",
    (a) => evex(a, "vmovupsStore", { width: 512, reg: 28, rm: { base: r.rsi, index: r.r12, scale: 4 } }, 2),
    "62 21 7c 4a 11 24 a6",
  ],
  [
    "vmaskmovps ymm1, ymm15, [rsi]",
    (a) => vex(a, "vmaskmovps", { width: 256, reg: 1, vvvv: 15, rm: { base: r.rsi } }),
    "c4 e2 05 2c 0e",
  ],
  [
    "vmaskmovps [rsi], ymm15, ymm1",
    (a) => vex(a, "vmaskmovpsStore", { width: 256, reg: 1, vvvv: 15, rm: { base: r.rsi } }),
    "c4 e2 05 2e 0e",
  ],
  [
    "vbroadcastss ymm1, dword ptr [rax+4]",
    (a) => vex(a, "vbroadcastss", { width: 256, reg: 1, rm: { base: r.rax, displacement: 4 } }),
    "c4 e2 7d 18 48 04",
  ],
  ["vbroadcastss zmm1, xmm19", (a) => evex(a, "vbroadcastss", { width: 512, reg: 1, rm: 19 }), "62 b2 7d 48 18 cb"],
  [
    "vbroadcastss zmm1, dword ptr [rax+4]",
    (a) => evex(a, "vbroadcastss", { width: 512, reg: 1, rm: { base: r.rax, displacement: 4 } }),
    "62 f2 7d 48 18 48 01",
  ],
  [
    "vmovss [rax+4], xmm20",
    (a) => evex(a, "vmovssStore", { width: 128, reg: 20, rm: { base: r.rax, displacement: 4 } }),
    "62 e1 7e 08 11 60 01",
  ],
  ["vmovd xmm15, r12d", (a) => vex(a, "vmovdFromGpr", { width: 128, reg: 15, rm: r.r12 }), "c4 41 79 6e fc"],
  ["vmovd eax, xmm20", (a) => evex(a, "vmovdToGpr", { width: 128, reg: 20, rm: r.rax }), "62 e1 7d 08 7e e0"],
  ["vmovq [rax], xmm15", (a) => vex(a, "vmovqStore", { width: 128, reg: 15, rm: { base: r.rax } }), "c5 79 d6 38"],
  [
    "vpmovzxbd ymm3, qword ptr [rdi+r12+8]",
    (a) => vex(a, "vpmovzxbd", { width: 256, reg: 3, rm: { base: r.rdi, index: r.r12, displacement: 8 } }),
    "c4 a2 7d 31 5c 27 08",
  ],
  ["vpmovzxbd ymm3, xmm15", (a) => vex(a, "vpmovzxbd", { width: 256, reg: 3, rm: 15 }), "c4 c2 7d 31 df"],
  [
    "vpmovzxbd zmm3{k2}{z}, [rdi+r12+16]",
    (a) => evex(a, "vpmovzxbd", { width: 512, reg: 3, rm: { base: r.rdi, index: r.r12, displacement: 16 } }, 2, true),
    "62 b2 7d ca 31 5c 27 01",
  ],
  [
    "vpmovdb [rdi+r12]{k2}, zmm3",
    (a) => evex(a, "vpmovdbStore", { width: 512, reg: 3, rm: { base: r.rdi, index: r.r12 } }, 2),
    "62 b2 7e 4a 31 1c 27",
  ],
  [
    "vpinsrb xmm15, xmm15, [rax+3], 3",
    (a) => vex(a, "vpinsrb", { width: 128, reg: 15, vvvv: 15, rm: { base: r.rax, displacement: 3 }, immediate: 3 }),
    "c4 63 01 20 78 03 03",
  ],
  [
    "vpextrb [r9+3], xmm15, 3",
    (a) => vex(a, "vpextrb", { width: 128, reg: 15, rm: { base: r.r9, displacement: 3 }, immediate: 3 }),
    "c4 43 79 14 79 03 03",
  ],
  [
    "vpmovzxwd ymm3, xmmword ptr [rdi+r12*2+16]",
    (a) => vex(a, "vpmovzxwd", { width: 256, reg: 3, rm: { base: r.rdi, index: r.r12, scale: 2, displacement: 16 } }),
    "c4 a2 7d 33 5c 67 10",
  ],
  [
    "vpmovzxwd zmm3{k2}{z}, [rdi+r12*2+32]",
    (a) =>
      evex(
        a,
        "vpmovzxwd",
        { width: 512, reg: 3, rm: { base: r.rdi, index: r.r12, scale: 2, displacement: 32 } },
        2,
        true,
      ),
    "62 b2 7d ca 33 5c 67 01",
  ],
  [
    "vpmovdw [rdi+r12*2+32]{k2}, zmm19",
    (a) =>
      evex(
        a,
        "vpmovdwStore",
        { width: 512, reg: 19, rm: { base: r.rdi, index: r.r12, scale: 2, displacement: 32 } },
        2,
      ),
    "62 a2 7e 4a 33 5c 67 01",
  ],
  [
    "vpinsrw xmm15, xmm15, [rax+6], 3",
    (a) => vex(a, "vpinsrw", { width: 128, reg: 15, vvvv: 15, rm: { base: r.rax, displacement: 6 }, immediate: 3 }),
    "c5 01 c4 78 06 03",
  ],
  [
    "vpextrw [r9+6], xmm15, 3",
    (a) => vex(a, "vpextrw", { width: 128, reg: 15, rm: { base: r.r9, displacement: 6 }, immediate: 3 }),
    "c4 43 79 15 79 06 03",
  ],
  [
    "vpackusdw xmm15, xmm4, xmm15",
    (a) => vex(a, "vpackusdw", { width: 128, reg: 15, vvvv: 4, rm: 15 }),
    "c4 42 59 2b ff",
  ],
  [
    "vpackuswb xmm15, xmm15, xmm15",
    (a) => vex(a, "vpackuswb", { width: 128, reg: 15, vvvv: 15, rm: 15 }),
    "c4 41 01 67 ff",
  ],
  [
    "vextractf128 xmm15, ymm4, 1",
    (a) => vex(a, "vextractf128", { width: 256, reg: 4, rm: 15, immediate: 1 }),
    "c4 c3 7d 19 e7 01",
  ],
  [
    "vperm2f128 ymm1, ymm2, ymm2, 1",
    (a) => vex(a, "vperm2f128", { width: 256, reg: 1, vvvv: 2, rm: 2, immediate: 1 }),
    "c4 e3 6d 06 ca 01",
  ],
  [
    "vpermilps ymm1, ymm2, 0x4e",
    (a) => vex(a, "vpermilps", { width: 256, reg: 1, rm: 2, immediate: 0x4e }),
    "c4 e3 7d 04 ca 4e",
  ],
  [
    "vpermilps zmm1, zmm2, 0xb1",
    (a) => evex(a, "vpermilps", { width: 512, reg: 1, rm: 2, immediate: 0xb1 }),
    "62 f3 7d 48 04 ca b1",
  ],
  [
    "vshuff32x4 zmm1, zmm2, zmm2, 0x4e",
    (a) => evex(a, "vshuff32x4", { width: 512, reg: 1, vvvv: 2, rm: 2, immediate: 0x4e }),
    "62 f3 6d 48 23 ca 4e",
  ],
  ["kmovw k2, eax", (a) => setMask(a, 2, r.rax), "c5 f8 92 d0"],
  ["vzeroupper", (a) => vzeroupper(a), "c5 f8 77"],
];

function hex(write: (a: Assembler) => void): string {
  const asm = new Assembler();
  write(asm);
  return [...asm.finish()].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

describe("vector instructions", () => {
  it.each(expected)("%s", (_, write, bytes) => {
    expect(hex(write)).toBe(bytes);
  });
});
