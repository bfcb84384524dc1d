import koffi from "koffi";
import { describe, expect, it } from "vitest";
import { Assembler, gpr } from "./assembler.ts";
import { capability } from "./capability.ts";
import { executableMemory } from "./executable-memory.ts";
import { offsetOf } from "./interpret.ts";
import type { RowOffset } from "./row-program.ts";
import { divideByConstant, rowAddress } from "./scalar-code.ts";

/** A function of one integer, from code that finds it in r14 and leaves its result in rax. */
function integerFunction(write: (asm: Assembler) => void): { call: (x: number) => number; release: () => void } {
  const asm = new Assembler();
  asm.push(gpr.r14);
  asm.mov(gpr.r14, gpr.rdi);
  write(asm);
  asm.pop(gpr.r14);
  asm.ret();
  const memory = executableMemory(asm.finish());
  return {
    call: koffi.decode(memory.address, koffi.proto("int64_t (int64_t x)")) as (x: number) => number,
    release: memory.release,
  };
}

describe.runIf(capability().available)("code for addresses", () => {
  it("divides by constants: every dividend near a multiple, and the largest", () => {
    const divisors = [1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13, 25, 64, 97, 125, 197, 257, 384, 641, 1576, 65535, 65537];
    for (const divisor of [...divisors, 2 ** 30 - 1, 2 ** 30, 2 ** 30 + 1, 2 ** 31 - 1, 2 ** 31]) {
      const { call, release } = integerFunction((asm) => {
        asm.mov(gpr.rax, gpr.r14);
        divideByConstant(asm, gpr.rax, divisor);
      });
      const near = [0, 1, 2, 3, 1000, 2 ** 20, Math.floor((2 ** 31 - 1) / divisor)].flatMap((quotient) =>
        [-1, 0, 1].map((step) => quotient * divisor + step),
      );
      for (const dividend of [...near, 2 ** 31 - 2, 2 ** 31 - 1]) {
        if (dividend < 0 || dividend >= 2 ** 31) continue;
        expect(call(dividend), `${dividend} / ${divisor}`).toBe(Math.floor(dividend / divisor));
      }
      release();
    }
  });

  it("finds rows by the formula of row offsets, beyond 2^32 bytes too", () => {
    const rows = 12_000;
    const offsets: RowOffset[] = [
      { base: 0, terms: [] },
      { base: 7, terms: [{ divisor: 1, modulus: rows, stride: 197 }] },
      { base: 5_000_000_000, terms: [{ divisor: 1, modulus: rows, stride: 3_000_000_000 }] },
      {
        base: 0,
        terms: [
          { divisor: 6, modulus: 13, stride: 64 },
          { divisor: 78, modulus: 154, stride: -832 },
        ],
      },
      {
        base: 1,
        terms: [
          { divisor: 1, modulus: 7, stride: 1 },
          { divisor: 3, modulus: 2, stride: 100 },
        ],
      },
    ];
    for (const offset of offsets) {
      const { call, release } = integerFunction((asm) => {
        // The address of the operand is on the stack: 64.
        asm.constant(gpr.rax, 64);
        asm.push(gpr.rax);
        asm.lea(gpr.rsi, { base: gpr.rsp });
        rowAddress(asm, { start: { base: gpr.rsi }, offset, bytes: 4, row: gpr.r14, rows });
        asm.pop(gpr.rcx);
      });
      for (let row = 0; row < rows; row += 37) expect(call(row)).toBe(64 + 4 * offsetOf(offset, row));
      release();
    }
  });
});
