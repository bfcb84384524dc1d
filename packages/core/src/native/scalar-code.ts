import { type Assembler, type Gpr, gpr, type Memory } from "./assembler.ts";
import type { RowOffset } from "./row-program.ts";

/**
 * Appends `register = ⌊register / divisor⌋` for a register below 2³¹ and a divisor from 1 to 2³¹. Division becomes a
 * product with a rounded-up reciprocal of 32 bits (Granlund and Montgomery, "Division by Invariant Integers using
 * Multiplication", PLDI 1994), whose 63-bit product is exact enough for all dividends. Changes rdx.
 */
export function divideByConstant(asm: Assembler, register: Gpr, divisor: number): void {
  const exponent = Math.ceil(Math.log2(divisor));
  if (2 ** exponent === divisor) {
    if (exponent > 0) asm.shiftRight(register, exponent);
    return;
  }
  const shift = 31 + exponent;
  asm.constant(gpr.rdx, (1n << BigInt(shift)) / BigInt(divisor) + 1n);
  asm.multiply(register, gpr.rdx);
  asm.shiftRight(register, shift);
}

/**
 * Appends `rax = [start] + offset(row)`, the address where a row of an operand begins, for rows 0 to `rows` - 1. The
 * offset counts elements of `bytes` bytes. Changes rcx and rdx.
 */
export function rowAddress(
  asm: Assembler,
  { start, offset, bytes, row, rows }: { start: Memory; offset: RowOffset; bytes: number; row: Gpr; rows: number },
): void {
  asm.mov(gpr.rax, start);
  if (offset.base !== 0) {
    asm.constant(gpr.rcx, BigInt(offset.base * bytes));
    asm.arithmetic("add", gpr.rax, gpr.rcx);
  }
  for (const { divisor, modulus, stride } of offset.terms) {
    asm.mov(gpr.rcx, row);
    divideByConstant(asm, gpr.rcx, divisor);
    if (divisor * modulus < rows) {
      // rcx mod modulus, by way of the quotient.
      asm.push(gpr.rax);
      asm.mov(gpr.rax, gpr.rcx);
      divideByConstant(asm, gpr.rax, modulus);
      asm.multiplyConstant(gpr.rax, gpr.rax, modulus);
      asm.arithmetic("sub", gpr.rcx, gpr.rax);
      asm.pop(gpr.rax);
    }
    const strideBytes = stride * bytes;
    if (strideBytes === (strideBytes | 0)) asm.multiplyConstant(gpr.rcx, gpr.rcx, strideBytes);
    else {
      asm.constant(gpr.rdx, BigInt(strideBytes));
      asm.multiply(gpr.rcx, gpr.rdx);
    }
    asm.arithmetic("add", gpr.rax, gpr.rcx);
  }
}
