/** General-purpose registers by their hardware numbers. */
export const gpr = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
} as const;

/** A general-purpose register, 0 to 15. */
export type Gpr = number;

/** A place in the code that jumps and data references name before it is bound to an address. */
export interface Label {
  readonly name: string;
  position: number | undefined;
}

/** `[base + index · scale + displacement]`, or the address of a label (relative to the instruction pointer). */
export type Memory =
  | { readonly base: Gpr; readonly index?: Gpr; readonly scale?: 1 | 2 | 4 | 8; readonly displacement?: number }
  | { readonly label: Label };

/** Conditions of jumps, as the low four bits of their opcodes. `below` and `aboveOrEqual` compare without sign. */
const conditions = { equal: 4, notEqual: 5, below: 2, aboveOrEqual: 3, less: 12, greaterOrEqual: 13 } as const;
export type Condition = keyof typeof conditions;

/** Arithmetic of two operands: its /digit with an immediate, from which the register form follows. */
const arithmetic = { add: 0, or: 1, and: 4, sub: 5, xor: 6, cmp: 7 } as const;
export type Arithmetic = keyof typeof arithmetic;

interface Reference {
  readonly label: Label;
  /** Where the 32-bit distance is stored. */
  readonly at: number;
  /** Where the distance counts from: the end of the instruction. */
  readonly from: number;
}

/**
 * Writes x86-64 machine code: the few integer instructions that loops, addresses and calls need. All operate on 64
 * bits. Vector instructions build on the same operand encoding, see `vector-instructions.ts`.
 */
export class Assembler {
  private bytes = new Uint8Array(1 << 12);
  private references: Reference[] = [];
  private length = 0;

  /** Bytes written so far. */
  get position(): number {
    return this.length;
  }

  /** Appends bytes as they are. */
  byte(...values: readonly number[]): void {
    if (this.length + values.length > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2 + values.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(values, this.length);
    this.length += values.length;
  }

  int32(value: number): void {
    this.byte(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
  }

  label(name: string): Label {
    return { name, position: undefined };
  }

  /** Gives a label the current position. */
  bind(label: Label): void {
    if (label.position !== undefined) throw new Error(`internal: label ${label.name} is bound twice`);
    label.position = this.length;
  }

  align(bytes: number): void {
    while (this.length % bytes !== 0) this.byte(0xcc);
  }

  /** The code, with every reference to a label filled in. */
  finish(): Uint8Array {
    const code = this.bytes.slice(0, this.length);
    const view = new DataView(code.buffer);
    for (const { label, at, from } of this.references) {
      if (label.position === undefined) throw new Error(`internal: label ${label.name} is never bound`);
      view.setInt32(at, label.position - from, true);
    }
    return code;
  }

  /**
   * The ModRM byte and what follows it, for `reg` (low three bits count) and a register or memory operand.
   * `immediateBytes` follow the operand. `granule` is the unit of EVEX's compressed 8-bit displacements.
   */
  operand(reg: number, rm: number | Memory, immediateBytes = 0, granule = 1): void {
    const field = (reg & 7) << 3;
    if (typeof rm === "number") {
      this.byte(0xc0 | field | (rm & 7));
      return;
    }
    if ("label" in rm) {
      this.byte(field | 5);
      this.references.push({ label: rm.label, at: this.length, from: this.length + 4 + immediateBytes });
      this.int32(0);
      return;
    }
    const { base, index, scale = 1, displacement = 0 } = rm;
    // A base of rbp or r13 without displacement would mean something else.
    const isBare = displacement === 0 && (base & 7) !== 5;
    const compressed = displacement / granule;
    const isShort = Number.isInteger(compressed) && compressed >= -128 && compressed < 128;
    const mode = isBare ? 0x00 : isShort ? 0x40 : 0x80;
    if (index === undefined && (base & 7) !== 4) {
      this.byte(mode | field | (base & 7));
    } else {
      const scaleBits = Math.log2(scale) << 6;
      this.byte(mode | field | 4, scaleBits | (((index ?? 4) & 7) << 3) | (base & 7));
    }
    if (mode === 0x40) this.byte(compressed & 255);
    else if (mode === 0x80) this.int32(displacement);
  }

  /** `opcode reg, rm` with a 64-bit operand size. */
  private wide(opcode: readonly number[], reg: number, rm: number | Memory, immediateBytes = 0): void {
    const { index, base } = extensions(rm);
    this.byte(0x48 | (reg >= 8 ? 4 : 0) | (index ? 2 : 0) | (base ? 1 : 0), ...opcode);
    this.operand(reg, rm, immediateBytes);
  }

  /** Copies a register, loads from memory, or sets a constant (0 to 2⁵³ as number, any 64 bits as bigint). */
  mov(to: Gpr, from: Gpr | Memory): void {
    this.wide([0x8b], to, from);
  }

  store(to: Memory, from: Gpr): void {
    this.wide([0x89], from, to);
  }

  /** Sets a register to a constant; flags are left alone. */
  constant(to: Gpr, value: number | bigint): void {
    const bits = BigInt.asUintN(64, BigInt(value));
    if (bits < 1n << 32n) {
      // The 32-bit form clears the upper half.
      if (to >= 8) this.byte(0x41);
      this.byte(0xb8 | (to & 7));
      this.int32(Number(BigInt.asIntN(32, bits)));
    } else {
      this.byte(to >= 8 ? 0x49 : 0x48, 0xb8 | (to & 7));
      this.int32(Number(BigInt.asIntN(32, bits)));
      this.int32(Number(BigInt.asIntN(32, bits >> 32n)));
    }
  }

  lea(to: Gpr, memory: Memory): void {
    this.wide([0x8d], to, memory);
  }

  arithmetic(op: Arithmetic, to: Gpr, from: Gpr | Memory): void {
    this.wide([(arithmetic[op] << 3) | 3], to, from);
  }

  /** With a constant that fits in 32 bits with sign. */
  arithmeticConstant(op: Arithmetic, to: Gpr | Memory, value: number): void {
    if (!Number.isInteger(value) || value !== (value | 0)) {
      throw new Error(`internal: constant ${value} does not fit in 32 bits`);
    }
    const isShort = value >= -128 && value < 128;
    this.wide([isShort ? 0x83 : 0x81], arithmetic[op], to, isShort ? 1 : 4);
    if (isShort) this.byte(value & 255);
    else this.int32(value);
  }

  multiply(to: Gpr, from: Gpr | Memory): void {
    this.wide([0x0f, 0xaf], to, from);
  }

  /** `to = from · value`, with a constant that fits in 32 bits with sign. */
  multiplyConstant(to: Gpr, from: Gpr | Memory, value: number): void {
    this.wide([0x69], to, from, 4);
    this.int32(value);
  }

  shiftLeft(register: Gpr, count: number): void {
    this.wide([0xc1], 4, register, 1);
    this.byte(count);
  }

  /** Fills with zeros. */
  shiftRight(register: Gpr, count: number): void {
    this.wide([0xc1], 5, register, 1);
    this.byte(count);
  }

  /** Divides rdx:rax without sign: the quotient to rax, the remainder to rdx. */
  divide(by: Gpr): void {
    this.wide([0xf7], 6, by);
  }

  /** Loads a byte, upper bits cleared. */
  loadByte(to: Gpr, from: Memory): void {
    this.wide([0x0f, 0xb6], to, from);
  }

  /** Loads 16 bits, upper bits cleared. */
  loadHalf(to: Gpr, from: Memory): void {
    this.wide([0x0f, 0xb7], to, from);
  }

  /** Loads 32 bits, upper bits cleared. */
  loadInt32(to: Gpr, from: Memory): void {
    const { index, base } = extensions(from);
    const rex = (to >= 8 ? 4 : 0) | (index ? 2 : 0) | (base ? 1 : 0);
    if (rex !== 0) this.byte(0x40 | rex);
    this.byte(0x8b);
    this.operand(to, from);
  }

  storeByte(to: Memory, from: Gpr): void {
    const { index, base } = extensions(to);
    this.byte(0x40 | (from >= 8 ? 4 : 0) | (index ? 2 : 0) | (base ? 1 : 0), 0x88);
    this.operand(from, to);
  }

  /** Stores the low 16 bits. */
  storeHalf(to: Memory, from: Gpr): void {
    const { index, base } = extensions(to);
    const rex = (from >= 8 ? 4 : 0) | (index ? 2 : 0) | (base ? 1 : 0);
    this.byte(0x66);
    if (rex !== 0) this.byte(0x40 | rex);
    this.byte(0x89);
    this.operand(from, to);
  }

  /** Index of the lowest set bit; the equal condition holds after it if there is none. */
  lowestBit(to: Gpr, from: Gpr): void {
    this.wide([0x0f, 0xbc], to, from);
  }

  /** Clears bit number `bit` of a register. */
  bitReset(target: Gpr, bit: Gpr): void {
    this.wide([0x0f, 0xb3], bit, target);
  }

  /** Atomically: sets bit number `bit` (below 64) of a 64-bit word in memory. */
  lockedBitSet(word: Memory, bit: Gpr): void {
    this.byte(0xf0);
    this.wide([0x0f, 0xab], bit, word);
  }

  /** Atomically: if the word in memory equals rax, `from` is stored and the equal condition holds; else rax is loaded. */
  lockedCompareExchange(word: Memory, from: Gpr): void {
    this.byte(0xf0);
    this.wide([0x0f, 0xb1], from, word);
  }

  /** Hint that this is a loop that waits for another thread. */
  pause(): void {
    this.byte(0xf3, 0x90);
  }

  /** Starts to bring the cache line of an address near; an address that is not there does no harm. */
  prefetch(from: Memory): void {
    const { index, base } = extensions(from);
    const rex = (index ? 2 : 0) | (base ? 1 : 0);
    if (rex !== 0) this.byte(0x40 | rex);
    this.byte(0x0f, 0x18);
    this.operand(1, from);
  }

  push(register: Gpr): void {
    if (register >= 8) this.byte(0x41);
    this.byte(0x50 | (register & 7));
  }

  pop(register: Gpr): void {
    if (register >= 8) this.byte(0x41);
    this.byte(0x58 | (register & 7));
  }

  jump(target: Label): void {
    this.byte(0xe9);
    this.reference(target);
  }

  jumpIf(condition: Condition, target: Label): void {
    this.byte(0x0f, 0x80 | conditions[condition]);
    this.reference(target);
  }

  call(target: Gpr | Memory): void {
    const { index, base } = extensions(target);
    const rex = (index ? 2 : 0) | (base ? 1 : 0);
    if (rex !== 0) this.byte(0x40 | rex);
    this.byte(0xff);
    this.operand(2, target);
  }

  ret(): void {
    this.byte(0xc3);
  }

  private reference(label: Label): void {
    this.references.push({ label, at: this.length, from: this.length + 4 });
    this.int32(0);
  }
}

/** Whether the fourth bits of an operand's index and base are set: they travel in prefixes. */
export function extensions(rm: number | Memory): { index: boolean; base: boolean } {
  if (typeof rm === "number") return { index: false, base: (rm & 8) !== 0 };
  if ("label" in rm) return { index: false, base: false };
  return { index: ((rm.index ?? 0) & 8) !== 0, base: (rm.base & 8) !== 0 };
}
