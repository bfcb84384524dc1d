import { type Assembler, type Gpr, gpr, type Memory } from "./assembler.ts";

/**
 * A pool of scratch memory that running calls of a compiled loop claim pieces of. It lives in memory as three 64-bit
 * words: a mask of the free pieces, the address of the first one, and the bytes of each.
 */
export const scratchPoolBytes = 24;

/** Pieces in a pool; more calls than that at one time wait for each other. */
export const scratchPieces = 64;

/** Writes a pool whose pieces are all free. */
export function writeScratchPool(view: DataView, at: number, firstPiece: bigint, pieceBytes: number): void {
  view.setBigUint64(at, (1n << BigInt(scratchPieces)) - 1n, true);
  view.setBigUint64(at + 8, firstPiece, true);
  view.setBigUint64(at + 16, BigInt(pieceBytes), true);
}

/**
 * Appends code that claims a piece of the pool at the address in `pool`, puts its address into `to` and its number into
 * `number`. Changes rax, rcx, rdx.
 */
export function claimScratch(asm: Assembler, pool: Memory, to: Gpr, number: Memory): void {
  const [retry, wait, claimed] = [asm.label("retry"), asm.label("wait"), asm.label("claimed")];
  asm.bind(retry);
  asm.mov(gpr.rdx, pool);
  asm.mov(gpr.rax, { base: gpr.rdx });
  asm.lowestBit(gpr.rcx, gpr.rax);
  asm.jumpIf("equal", wait);
  asm.mov(to, gpr.rax);
  asm.bitReset(to, gpr.rcx);
  asm.lockedCompareExchange({ base: gpr.rdx }, to);
  asm.jumpIf("equal", claimed);
  asm.bind(wait);
  asm.pause();
  asm.jump(retry);
  asm.bind(claimed);
  asm.store(number, gpr.rcx);
  asm.mov(to, gpr.rcx);
  asm.multiply(to, { base: gpr.rdx, displacement: 16 });
  asm.arithmetic("add", to, { base: gpr.rdx, displacement: 8 });
}

/** Appends code that gives a piece back. Changes rcx and rdx. */
export function releaseScratch(asm: Assembler, pool: Memory, number: Memory): void {
  asm.mov(gpr.rdx, pool);
  asm.mov(gpr.rcx, number);
  asm.lockedBitSet({ base: gpr.rdx }, gpr.rcx);
}
