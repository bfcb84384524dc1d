import { type Assembler, extensions, type Memory } from "./assembler.ts";

/** A vector register, 0 to 15 (VEX) or 31 (EVEX); a mask register k0 to k7 where an instruction takes one. */
export type VectorRegister = number;

/** Bits of a vector operand. */
export type Width = 128 | 256 | 512;

interface Encoding {
  /** Opcode map: 1 is 0F, 2 is 0F 38, 3 is 0F 3A. */
  readonly map: 1 | 2 | 3;
  /** Mandatory prefix: 0 none, 1 is 66, 2 is F3, 3 is F2. */
  readonly prefix: 0 | 1 | 2 | 3;
  readonly opcode: number;
  /** The W bit. */
  readonly wide?: true;
  /** What a memory operand holds: a whole vector (default), a byte or two for each of its 32-bit lanes, or so many bytes. */
  readonly memory?: "bytes" | "halves" | number;
}

/**
 * The instructions that row programs are made of, by Intel's names. Where VEX and EVEX use one opcode under two names
 * (vpand and vpandd, vroundps and vrndscaleps) there is one entry.
 */
const encodings = {
  vaddps: { map: 1, prefix: 0, opcode: 0x58 },
  vmulps: { map: 1, prefix: 0, opcode: 0x59 },
  vsubps: { map: 1, prefix: 0, opcode: 0x5c },
  vminps: { map: 1, prefix: 0, opcode: 0x5d },
  vdivps: { map: 1, prefix: 0, opcode: 0x5e },
  vmaxps: { map: 1, prefix: 0, opcode: 0x5f },
  vsqrtps: { map: 1, prefix: 0, opcode: 0x51 },
  vroundps: { map: 3, prefix: 1, opcode: 0x08 },
  vscalefps: { map: 2, prefix: 1, opcode: 0x2c },
  vcmpps: { map: 1, prefix: 0, opcode: 0xc2 },
  vfmadd132ps: { map: 2, prefix: 1, opcode: 0x98 },
  vfmadd213ps: { map: 2, prefix: 1, opcode: 0xa8 },
  vfmadd231ps: { map: 2, prefix: 1, opcode: 0xb8 },
  vfnmadd132ps: { map: 2, prefix: 1, opcode: 0x9c },
  vfnmadd213ps: { map: 2, prefix: 1, opcode: 0xac },
  vfnmadd231ps: { map: 2, prefix: 1, opcode: 0xbc },
  vcvtdq2ps: { map: 1, prefix: 0, opcode: 0x5b },
  vcvttps2dq: { map: 1, prefix: 2, opcode: 0x5b },
  vcvtps2dq: { map: 1, prefix: 1, opcode: 0x5b },
  vpaddd: { map: 1, prefix: 1, opcode: 0xfe },
  vpsubd: { map: 1, prefix: 1, opcode: 0xfa },
  vpmulld: { map: 2, prefix: 1, opcode: 0x40 },
  vpminsd: { map: 2, prefix: 1, opcode: 0x39 },
  vpmaxsd: { map: 2, prefix: 1, opcode: 0x3d },
  vpabsd: { map: 2, prefix: 1, opcode: 0x1e },
  vpand: { map: 1, prefix: 1, opcode: 0xdb },
  vpandn: { map: 1, prefix: 1, opcode: 0xdf },
  vpor: { map: 1, prefix: 1, opcode: 0xeb },
  vpxor: { map: 1, prefix: 1, opcode: 0xef },
  /** Shift by an immediate count; /digit in the reg field. */
  vpshiftd: { map: 1, prefix: 1, opcode: 0x72 },
  vpsllvd: { map: 2, prefix: 1, opcode: 0x47 },
  vpsrlvd: { map: 2, prefix: 1, opcode: 0x45 },
  vpcmpeqd: { map: 1, prefix: 1, opcode: 0x76 },
  vpcmpgtd: { map: 1, prefix: 1, opcode: 0x66 },
  /** EVEX only: compares into a mask register. */
  vpcmpd: { map: 3, prefix: 1, opcode: 0x1f },
  vpmovm2d: { map: 2, prefix: 2, opcode: 0x38 },
  vpternlogd: { map: 3, prefix: 1, opcode: 0x25 },
  /** VEX only: the mask is the fourth register, in the upper half of the immediate byte. */
  vblendvps: { map: 3, prefix: 1, opcode: 0x4a },
  vmovups: { map: 1, prefix: 0, opcode: 0x10 },
  vmovupsStore: { map: 1, prefix: 0, opcode: 0x11 },
  vmaskmovps: { map: 2, prefix: 1, opcode: 0x2c },
  vmaskmovpsStore: { map: 2, prefix: 1, opcode: 0x2e },
  vbroadcastss: { map: 2, prefix: 1, opcode: 0x18, memory: 4 },
  vmovssStore: { map: 1, prefix: 2, opcode: 0x11, memory: 4 },
  vmovdFromGpr: { map: 1, prefix: 1, opcode: 0x6e, memory: 4 },
  vmovdToGpr: { map: 1, prefix: 1, opcode: 0x7e, memory: 4 },
  vmovqStore: { map: 1, prefix: 1, opcode: 0xd6, memory: 8 },
  vpmovzxbd: { map: 2, prefix: 1, opcode: 0x31, memory: "bytes" },
  /** EVEX only: the low byte of each lane. */
  vpmovdbStore: { map: 2, prefix: 2, opcode: 0x31, memory: "bytes" },
  vpmovzxwd: { map: 2, prefix: 1, opcode: 0x33, memory: "halves" },
  /** EVEX only: the low half of each lane. */
  vpmovdwStore: { map: 2, prefix: 2, opcode: 0x33, memory: "halves" },
  vpinsrw: { map: 1, prefix: 1, opcode: 0xc4, memory: 2 },
  vpextrw: { map: 3, prefix: 1, opcode: 0x15, memory: 2 },
  vpinsrb: { map: 3, prefix: 1, opcode: 0x20, memory: 1 },
  vpextrb: { map: 3, prefix: 1, opcode: 0x14, memory: 1 },
  vpackusdw: { map: 2, prefix: 1, opcode: 0x2b },
  vpackuswb: { map: 1, prefix: 1, opcode: 0x67 },
  vextractf128: { map: 3, prefix: 1, opcode: 0x19 },
  vperm2f128: { map: 3, prefix: 1, opcode: 0x06 },
  vpermilps: { map: 3, prefix: 1, opcode: 0x04 },
  vshuff32x4: { map: 3, prefix: 1, opcode: 0x23 },
} as const satisfies Record<string, Encoding>;

export type VectorMnemonic = keyof typeof encodings;

/** Operands by where they are encoded; which of them is the destination depends on the instruction. */
export interface VectorOperands {
  readonly width: Width;
  readonly reg: VectorRegister;
  /** The second source of instructions with three operands. */
  readonly vvvv?: VectorRegister;
  readonly rm: VectorRegister | Memory;
  readonly immediate?: number | undefined;
}

const lengthBits = { 128: 0, 256: 1, 512: 2 } as const;

/** Appends an AVX or AVX2 instruction (registers 0 to 15, 128 or 256 bits). */
export function vex(asm: Assembler, mnemonic: VectorMnemonic, operands: VectorOperands): void {
  const { map, prefix, opcode, wide }: Encoding = encodings[mnemonic];
  const { width, reg, vvvv = 0, rm, immediate } = operands;
  const { index, base } = extensions(rm);
  const tail = ((~vvvv & 15) << 3) | (lengthBits[width] << 2) | prefix;
  const invertedR = reg & 8 ? 0 : 0x80;
  if (map === 1 && !index && !base && !wide) {
    asm.byte(0xc5, invertedR | tail);
  } else {
    asm.byte(0xc4, invertedR | (index ? 0 : 0x40) | (base ? 0 : 0x20) | map, (wide ? 0x80 : 0) | tail);
  }
  asm.byte(opcode);
  asm.operand(reg, rm, immediate === undefined ? 0 : 1);
  if (immediate !== undefined) asm.byte(immediate);
}

/**
 * Appends an AVX-512 instruction (registers 0 to 31). `mask` names the mask register that guards it; lanes outside
 * are kept, or cleared if `zeroing`.
 */
export function evex(
  asm: Assembler,
  mnemonic: VectorMnemonic,
  { width, reg, vvvv = 0, rm, immediate }: VectorOperands,
  mask = 0,
  zeroing = false,
): void {
  const { map, prefix, opcode, wide, memory }: Encoding = encodings[mnemonic];
  const { index, base } = extensions(rm);
  // A register operand's fifth bit travels where memory operands have the index's fourth.
  const isIndexBitSet = typeof rm === "number" ? (rm & 16) !== 0 : index;
  asm.byte(
    0x62,
    (reg & 8 ? 0 : 0x80) | (isIndexBitSet ? 0 : 0x40) | (base ? 0 : 0x20) | (reg & 16 ? 0 : 0x10) | map,
    (wide ? 0x80 : 0) | ((~vvvv & 15) << 3) | 4 | prefix,
    (zeroing ? 0x80 : 0) | (lengthBits[width] << 5) | (vvvv & 16 ? 0 : 8) | mask,
    opcode,
  );
  const granule = memory === "bytes" ? width / 32 : memory === "halves" ? width / 16 : (memory ?? width / 8);
  asm.operand(reg, rm, immediate === undefined ? 0 : 1, granule);
  if (immediate !== undefined) asm.byte(immediate);
}

/** Sets a mask register from the low 16 bits of a general-purpose register (kmovw). */
export function setMask(asm: Assembler, mask: number, from: number): void {
  asm.byte(0xc5, 0xf8, 0x92);
  asm.operand(mask, from);
}

/** Clears the upper halves of the vector registers, as the calling convention asks before a return. */
export function vzeroupper(asm: Assembler): void {
  asm.byte(0xc5, 0xf8, 0x77);
}
