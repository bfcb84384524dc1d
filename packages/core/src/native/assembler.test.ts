import { describe, expect, it } from "vitest";
import { Assembler, gpr as r } from "./assembler.ts";

// Bytes written by GNU as 2.40 for the text on the left (Intel syntax; {load} and {disp32} choose among equal encodings).
const expected: readonly [text: string, write: (a: Assembler) => void, bytes: string][] = [
  ["{load} mov r8, rdi", (a) => a.mov(r.r8, r.rdi), "4c 8b c7"],
  ["mov rax, [rsp+8]", (a) => a.mov(r.rax, { base: r.rsp, displacement: 8 }), "48 8b 44 24 08"],
  ["mov r13, [r13]", (a) => a.mov(r.r13, { base: r.r13 }), "4d 8b 6d 00"],
  [
    "mov rbx, [r15+r12*4+0x1000]",
    (a) => a.mov(r.rbx, { base: r.r15, index: r.r12, scale: 4, displacement: 0x1000 }),
    "4b 8b 9c a7 00 10 00 00",
  ],
  ["mov [rbp], r9", (a) => a.store({ base: r.rbp }, r.r9), "4c 89 4d 00"],
  ["mov eax, 5", (a) => a.constant(r.rax, 5), "b8 05 00 00 00"],
  ["mov r11d, 0xffffffff", (a) => a.constant(r.r11, 0xffffffff), "41 bb ff ff ff ff"],
  ["movabs r10, 0x7fff12345678", (a) => a.constant(r.r10, 0x7fff12345678n), "49 ba 78 56 34 12 ff 7f 00 00"],
  [
    "lea rdx, [rcx+rax*8-16]",
    (a) => a.lea(r.rdx, { base: r.rcx, index: r.rax, scale: 8, displacement: -16 }),
    "48 8d 54 c1 f0",
  ],
  ["{load} add rax, r14", (a) => a.arithmetic("add", r.rax, r.r14), "49 03 c6"],
  ["cmp r12, [rsp+64]", (a) => a.arithmetic("cmp", r.r12, { base: r.rsp, displacement: 64 }), "4c 3b 64 24 40"],
  ["and rsp, -64", (a) => a.arithmeticConstant("and", r.rsp, -64), "48 83 e4 c0"],
  ["sub rsp, 4096", (a) => a.arithmeticConstant("sub", r.rsp, 4096), "48 81 ec 00 10 00 00"],
  [
    "cmp qword ptr [rbx+8], 1",
    (a) => a.arithmeticConstant("cmp", { base: r.rbx, displacement: 8 }, 1),
    "48 83 7b 08 01",
  ],
  ["imul r9, [r15+16]", (a) => a.multiply(r.r9, { base: r.r15, displacement: 16 }), "4d 0f af 4f 10"],
  ["{disp32} imul rcx, r14, 0x600", (a) => a.multiplyConstant(r.rcx, r.r14, 0x600), "49 69 ce 00 06 00 00"],
  ["shl rsi, 6", (a) => a.shiftLeft(r.rsi, 6), "48 c1 e6 06"],
  ["shr r10, 33", (a) => a.shiftRight(r.r10, 33), "49 c1 ea 21"],
  ["div rcx", (a) => a.divide(r.rcx), "48 f7 f1"],
  ["movzx rax, byte ptr [r9+r12]", (a) => a.loadByte(r.rax, { base: r.r9, index: r.r12 }), "4b 0f b6 04 21"],
  ["mov r9d, [rdi]", (a) => a.loadInt32(r.r9, { base: r.rdi }), "44 8b 0f"],
  ["mov eax, [rdi]", (a) => a.loadInt32(r.rax, { base: r.rdi }), "8b 07"],
  [
    "movzx rax, word ptr [r9+r12*2]",
    (a) => a.loadHalf(r.rax, { base: r.r9, index: r.r12, scale: 2 }),
    "4b 0f b7 04 61",
  ],
  ["mov word ptr [rdi+rcx*2], si", (a) => a.storeHalf({ base: r.rdi, index: r.rcx, scale: 2 }, r.rsi), "66 89 34 4f"],
  ["mov byte ptr [rdi+rcx], sil", (a) => a.storeByte({ base: r.rdi, index: r.rcx }, r.rsi), "40 88 34 0f"],
  ["bsf rcx, rax", (a) => a.lowestBit(r.rcx, r.rax), "48 0f bc c8"],
  ["btr rdx, rcx", (a) => a.bitReset(r.rdx, r.rcx), "48 0f b3 ca"],
  ["lock bts [rbx], rcx", (a) => a.lockedBitSet({ base: r.rbx }, r.rcx), "f0 48 0f ab 0b"],
  ["lock cmpxchg [rbx], rdx", (a) => a.lockedCompareExchange({ base: r.rbx }, r.rdx), "f0 48 0f b1 13"],
  ["pause", (a) => a.pause(), "f3 90"],
  ["prefetcht0 [rax+64]", (a) => a.prefetch({ base: r.rax, displacement: 64 }), "0f 18 48 40"],
  ["prefetcht0 [r10]", (a) => a.prefetch({ base: r.r10 }), "41 0f 18 0a"],
  ["push r12", (a) => a.push(r.r12), "41 54"],
  ["pop rbp", (a) => a.pop(r.rbp), "5d"],
  ["call rax", (a) => a.call(r.rax), "ff d0"],
  ["call [r11+0x890]", (a) => a.call({ base: r.r11, displacement: 0x890 }), "41 ff 93 90 08 00 00"],
  ["ret", (a) => a.ret(), "c3"],
];

function hex(write: (a: Assembler) => void): string {
  const asm = new Assembler();
  write(asm);
  return [...asm.finish()].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

describe("assembler", () => {
  it.each(expected)("%s", (_, write, bytes) => {
    expect(hex(write)).toBe(bytes);
  });

  it("resolves jumps forwards and backwards, and data behind an immediate", () => {
    const asm = new Assembler();
    const [start, end] = [asm.label("start"), asm.label("end")];
    asm.bind(start);
    asm.jumpIf("less", end); // 6 bytes, then 5, then 1
    asm.jump(start);
    asm.ret();
    asm.bind(end);
    asm.arithmeticConstant("cmp", { label: start }, 1); // 8 bytes, the last of them the immediate
    // as: start: jl end; jmp start; ret; end: cmp qword ptr [rip + start], 1
    expect([...asm.finish()]).toEqual([
      0x0f, 0x8c, 6, 0, 0, 0, 0xe9, 0xf5, 0xff, 0xff, 0xff, 0xc3, 0x48, 0x83, 0x3d, 0xec, 0xff, 0xff, 0xff, 1,
    ]);
  });

  it("refuses labels that are bound twice or never", () => {
    const asm = new Assembler();
    const label = asm.label("loop");
    asm.jump(label);
    expect(() => asm.finish()).toThrow("internal: label loop is never bound");
    asm.bind(label);
    expect(() => asm.bind(label)).toThrow("internal: label loop is bound twice");
  });
});
