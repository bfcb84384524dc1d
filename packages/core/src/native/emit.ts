import { type Addressing, role } from "./addressing.ts";
import { type Assembler, gpr, type Memory } from "./assembler.ts";
import { Encoder, maskRegister } from "./encoder.ts";
import { MemoryAccess, type MemoryOp } from "./memory-access.ts";
import type { Place, Placed } from "./registers.ts";
import type { ElementReference, Home, Instruction, Target, VectorOp } from "./vector-code.ts";
import type { VectorMnemonic } from "./vector-instructions.ts";

const twoSources: Partial<Record<VectorOp, VectorMnemonic>> = {
  add: "vaddps",
  sub: "vsubps",
  mul: "vmulps",
  div: "vdivps",
  minimum: "vminps",
  maximum: "vmaxps",
  scale: "vscalefps",
  addInt: "vpaddd",
  subInt: "vpsubd",
  mulInt: "vpmulld",
  minInt: "vpminsd",
  maxInt: "vpmaxsd",
  and: "vpand",
  andNot: "vpandn",
  or: "vpor",
  xor: "vpxor",
  shiftLeftEach: "vpsllvd",
  shiftRightEach: "vpsrlvd",
};

const oneSource: Partial<Record<VectorOp, VectorMnemonic>> = {
  sqrt: "vsqrtps",
  absInt: "vpabsd",
  toFloat: "vcvtdq2ps",
  truncateToInt: "vcvttps2dq",
  roundToInt: "vcvtps2dq",
};

/** The /digits of shifts by a constant. */
const shiftDigits: Partial<Record<VectorOp, number>> = { shiftLeft: 6, shiftRight: 2, shiftRightSigned: 4 };

/** Comparisons: the instruction of each target, with the immediate of vpcmpd. */
const intComparisons: Partial<Record<VectorOp, { narrow: VectorMnemonic; immediate: number }>> = {
  equalInt: { narrow: "vpcmpeqd", immediate: 0 },
  greaterInt: { narrow: "vpcmpgtd", immediate: 6 },
};

/** Encodes vector code after registers were allocated. */
export class Emitter {
  private readonly encoder: Encoder;
  private readonly access: MemoryAccess;
  private readonly slotStart: number;

  constructor(
    asm: Assembler,
    private readonly target: Target,
    addressing: Addressing,
    /** 64-bit words at the stack pointer that belong to others; variables are saved behind them. */
    frameWords: number,
  ) {
    this.encoder = new Encoder(asm, target);
    this.access = new MemoryAccess(this.encoder, addressing);
    this.slotStart = Math.ceil(frameWords / 8) * 64;
  }

  /** Bytes of a stack frame with so many slots for variables, and room to align it to 64 bytes. */
  frameBytes(slots: number): number {
    return this.slotStart + (slots * this.encoder.width) / 8 + 64;
  }

  /** Makes ready for partial vectors of so many lanes. Changes rax. */
  prepareTail(lanes: number): void {
    this.access.prepareTail(lanes);
  }

  /** Writes zeros to elements of an operand. */
  storeZero(element: ElementReference): void {
    this.encoder.vector("vpxor", { reg: 0, vvvv: 0, rm: 0 });
    this.access.access("store", 0, element);
  }

  /** Appends the constants that the code reads. */
  finishPool(): void {
    this.encoder.finishPool();
  }

  emit(code: readonly Placed[]): void {
    const { encoder } = this;
    for (const item of code) {
      switch (item.kind) {
        case "load":
          encoder.vector("vmovups", { reg: item.to, rm: this.home(item.home) });
          break;
        case "save":
          encoder.vector("vmovupsStore", { reg: item.register, rm: this.home(item.home) });
          break;
        case "copy":
          encoder.vector("vmovups", { reg: item.to, rm: item.register });
          break;
        case "instruction":
          this.instruction(item.instruction, item.to, item.from, item.overwritten);
          break;
        default:
          item satisfies never;
      }
    }
  }

  private home(home: Home): Memory {
    if (home.kind === "constant") return this.encoder.constant(home.words);
    return { base: gpr.rsp, displacement: this.slotStart + (home.slot * this.encoder.width) / 8 };
  }

  private operand(place: Place): number | Memory {
    return place.kind === "register" ? place.register : this.home(place.home);
  }

  private instruction(
    { op, immediate = 0, element }: Instruction,
    to: number | undefined,
    from: readonly Place[],
    overwritten: number | undefined,
  ): void {
    const { encoder } = this;
    if (element !== undefined) {
      this.access.access(op as MemoryOp, to ?? registerOf(from[0]!), element);
      return;
    }
    const reg = to!;
    const first = () => registerOf(from[0]!);
    const last = () => this.operand(from.at(-1)!);
    const [two, one, shift, comparison] = [twoSources[op], oneSource[op], shiftDigits[op], intComparisons[op]];
    if (two !== undefined) encoder.vector(two, { reg, vvvv: first(), rm: last() });
    else if (one !== undefined) encoder.vector(one, { reg, rm: last() });
    else if (shift !== undefined) encoder.vector("vpshiftd", { reg: shift, vvvv: reg, rm: first(), immediate });
    else if (comparison !== undefined) this.compareInt(reg, first(), last(), comparison);
    else {
      switch (op) {
        case "round":
          encoder.vector("vroundps", { reg, rm: last(), immediate });
          break;
        case "compare":
          this.compare(reg, first(), last(), immediate);
          break;
        case "fma":
        case "fnma":
          this.multiplyAdd(op === "fma" ? "vfmadd" : "vfnmadd", reg, from, overwritten!);
          break;
        case "select":
          if (overwritten === undefined) this.blend(reg, from);
          else this.ternary(reg, from, overwritten);
          break;
        case "swap":
          this.swap(reg, first(), immediate);
          break;
        case "splat":
          encoder.vector("vbroadcastss", { reg, rm: first() });
          break;
        case "columnIndex": {
          const count = Array.from({ length: encoder.lanes }, (_, lane) => immediate + lane);
          this.access.splat(reg, role.column);
          encoder.vector("vpaddd", { reg, vvvv: reg, rm: encoder.constant(count) });
          break;
        }
        case "rowIndex":
          this.access.splat(reg, role.row);
          break;
        default:
          throw new Error(`internal: no encoding for ${op}`);
      }
    }
  }

  /** AVX-512 compares into a mask register, from which the lanes are filled. */
  private compare(reg: number, vvvv: number, rm: number | Memory, immediate: number): void {
    if (this.target === "avx2") {
      this.encoder.vector("vcmpps", { reg, vvvv, rm, immediate });
    } else {
      this.encoder.vector("vcmpps", { reg: maskRegister.temporary, vvvv, rm, immediate });
      this.encoder.vector("vpmovm2d", { reg, rm: maskRegister.temporary });
    }
  }

  private compareInt(
    reg: number,
    vvvv: number,
    rm: number | Memory,
    { narrow, immediate }: { narrow: VectorMnemonic; immediate: number },
  ): void {
    if (this.target === "avx2") {
      this.encoder.vector(narrow, { reg, vvvv, rm });
    } else {
      this.encoder.vector("vpcmpd", { reg: maskRegister.temporary, vvvv, rm, immediate });
      this.encoder.vector("vpmovm2d", { reg, rm: maskRegister.temporary });
    }
  }

  /** The digits name operands: 213 is reg = vvvv · reg + rm, 132 is reg = reg · rm + vvvv, 231 is reg = vvvv · rm + reg. */
  private multiplyAdd(name: "vfmadd" | "vfnmadd", reg: number, from: readonly Place[], overwritten: number): void {
    const [a, b, c] = from as [Place, Place, Place];
    if (overwritten === 2) {
      const [first, second] = a.kind === "home" ? [b, a] : [a, b];
      this.encoder.vector(`${name}231ps`, { reg, vvvv: registerOf(first), rm: this.operand(second) });
      return;
    }
    const factor = overwritten === 0 ? b : a;
    if (factor.kind === "home") {
      this.encoder.vector(`${name}132ps`, { reg, vvvv: registerOf(c), rm: this.operand(factor) });
    } else {
      this.encoder.vector(`${name}213ps`, { reg, vvvv: factor.register, rm: this.operand(c) });
    }
  }

  /** A select that writes to a register of its own. */
  private blend(reg: number, from: readonly Place[]): void {
    const [condition, a, b] = from as [Place, Place, Place];
    const immediate = registerOf(condition) << 4;
    this.encoder.vector("vblendvps", { reg, vvvv: registerOf(b), rm: this.operand(a), immediate });
  }

  /** A select as a boolean function of three bits, whose truth table depends on the order of the operands. */
  private ternary(reg: number, from: readonly Place[], overwritten: number): void {
    const others = [0, 1, 2].filter((position) => position !== overwritten);
    if (from[others[0]!]!.kind === "home") others.reverse();
    const order = [overwritten, ...others];
    let table = 0;
    for (let bits = 0; bits < 8; bits++) {
      const bit = (position: number) => (bits >> (2 - order.indexOf(position))) & 1;
      table |= (bit(0) ? bit(1) : bit(2)) << bits;
    }
    const [second, third] = others.map((position) => from[position]!);
    this.encoder.vector("vpternlogd", {
      reg,
      vvvv: registerOf(second!),
      rm: this.operand(third!),
      immediate: table,
    });
  }

  /** Exchanges each lane with the one at a distance of 1, 2, 4 or 8. */
  private swap(reg: number, from: number, distance: number): void {
    if (distance <= 2) {
      this.encoder.vector("vpermilps", { reg, rm: from, immediate: distance === 1 ? 0xb1 : 0x4e });
    } else if (this.target === "avx512") {
      this.encoder.vector("vshuff32x4", { reg, vvvv: from, rm: from, immediate: distance === 4 ? 0xb1 : 0x4e });
    } else {
      this.encoder.vector("vperm2f128", { reg, vvvv: from, rm: from, immediate: 1 });
    }
  }
}

function registerOf(place: Place): number {
  if (place.kind !== "register") throw new Error("internal: an operand must be in a register");
  return place.register;
}
