import { type Assembler, type Gpr, gpr, type Label, type Memory } from "./assembler.ts";
import { type Place, type Placed, temporaryRegister } from "./registers.ts";
import {
  type ElementReference,
  type Home,
  type Instruction,
  lanesOf,
  type Target,
  type VectorOp,
} from "./vector-code.ts";
import { evex, setMask, type VectorMnemonic, type VectorOperands, vex, type Width } from "./vector-instructions.ts";

/** What the emitter has to know about the function around it. */
export interface Surroundings {
  /** Address of elements, `bytes` wide, at the current column and after it. May change rax. */
  element(reference: ElementReference, bytes: 1 | 4): Memory;
  /** Address of the one element of the current row. May change rax, rcx and rdx. */
  rowElement(reference: ElementReference): Memory;
  /** Register that holds the current column, or the current row. */
  readonly column: Gpr;
  readonly row: Gpr;
  /** 64-bit words at the stack pointer that belong to others; variables are saved behind them. */
  readonly frameWords: number;
}

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

/** Mask registers: k1 is a temporary, k2 holds the lanes of the last, partial vector of a row. */
const temporaryMask = 1;
const tailMask = 2;

/** Stands for the element of instructions that name none. */
const nowhere: ElementReference = { pointer: -1, column: 0, lanes: undefined };

/** Encodes vector code after registers were allocated. */
export class Emitter {
  private readonly width: Width;
  private readonly pool = new Map<string, { readonly label: Label; readonly words: readonly number[] }>();

  constructor(
    private readonly asm: Assembler,
    private readonly target: Target,
    private readonly surroundings: Surroundings,
  ) {
    this.width = target === "avx512" ? 512 : 256;
  }

  /** Sets the mask for partial vectors of so many lanes, where masks live in registers. Uses rax. */
  prepareTail(lanes: number): void {
    if (this.target !== "avx512") return;
    this.asm.constant(gpr.rax, (1 << lanes) - 1);
    setMask(this.asm, tailMask, gpr.rax);
  }

  emit(code: readonly Placed[]): void {
    for (const item of code) {
      switch (item.kind) {
        case "load":
          this.vector("vmovups", { reg: item.to, rm: this.home(item.home) });
          break;
        case "save":
          this.vector("vmovupsStore", { reg: item.register, rm: this.home(item.home) });
          break;
        case "copy":
          this.vector("vmovups", { reg: item.to, rm: item.register });
          break;
        case "instruction":
          this.instruction(item.instruction, item.to ?? 0, item.from, item.overwritten);
          break;
        default:
          item satisfies never;
      }
    }
  }

  /** Writes a zero vector to an element reference. */
  storeZero(element: ElementReference): void {
    const register = 0;
    this.vector("vpxor", { reg: register, vvvv: register, rm: register });
    this.storeWords(register, element);
  }

  /** Appends the constants that were referred to. */
  finishPool(): void {
    this.asm.align(64);
    for (const { label, words } of this.pool.values()) {
      this.asm.bind(label);
      for (const word of words) this.asm.int32(word);
    }
  }

  private vector(mnemonic: VectorMnemonic, operands: Omit<VectorOperands, "width">, width: Width = this.width): void {
    if (this.target === "avx512") evex(this.asm, mnemonic, { width, ...operands });
    else vex(this.asm, mnemonic, { width, ...operands });
  }

  private constant(words: readonly number[]): Memory {
    const key = words.join();
    let entry = this.pool.get(key);
    if (entry === undefined) {
      entry = { label: this.asm.label(`constant ${key}`), words };
      this.pool.set(key, entry);
    }
    return { label: entry.label };
  }

  private home(home: Home): Memory {
    if (home.kind === "constant") return this.constant(home.words);
    const start = Math.ceil(this.surroundings.frameWords / 8) * 64;
    return { base: gpr.rsp, displacement: start + (home.slot * this.width) / 8 };
  }

  private operand(place: Place): number | Memory {
    return place.kind === "register" ? place.register : this.home(place.home);
  }

  private instruction(
    { op, immediate = 0, element = nowhere }: Instruction,
    reg: number,
    from: readonly Place[],
    overwritten: number | undefined,
  ): void {
    const first = () => registerOf(from[0]!);
    const last = () => this.operand(from.at(-1)!);
    const two = twoSources[op];
    const one = oneSource[op];
    const shift = shiftDigits[op];
    if (two !== undefined) this.vector(two, { reg, vvvv: first(), rm: last() });
    else if (one !== undefined) this.vector(one, { reg, rm: last() });
    else if (shift !== undefined) this.vector("vpshiftd", { reg: shift, vvvv: reg, rm: first(), immediate });
    else if (op === "fma" || op === "fnma") this.multiplyAdd(op, reg, from, overwritten!);
    else if (element !== nowhere) this.memory(op, reg, from, element);
    else {
      switch (op) {
        case "round":
          this.vector("vroundps", { reg, rm: last(), immediate });
          break;
        case "compare":
          this.compare(reg, first(), last(), { narrow: ["vcmpps", immediate], wide: ["vcmpps", immediate] });
          break;
        case "equalInt":
          this.compare(reg, first(), last(), { narrow: ["vpcmpeqd", undefined], wide: ["vpcmpd", 0] });
          break;
        case "greaterInt":
          this.compare(reg, first(), last(), { narrow: ["vpcmpgtd", undefined], wide: ["vpcmpd", 6] });
          break;
        case "select":
          if (overwritten === undefined) this.blend(reg, from);
          else this.ternary(reg, from, overwritten);
          break;
        case "swap":
          this.swap(reg, first(), immediate);
          break;
        case "splat":
          this.vector("vbroadcastss", { reg, rm: first() });
          break;
        case "columnIndex":
          this.splat(reg, this.surroundings.column);
          this.vector("vpaddd", { reg, vvvv: reg, rm: this.constant(this.countFrom(immediate)) });
          break;
        case "rowIndex":
          this.splat(reg, this.surroundings.row);
          break;
        default:
          throw new Error(`internal: no encoding for ${op}`);
      }
    }
  }

  /** Loads into `reg`, or stores from a register. */
  private memory(op: VectorOp, reg: number, from: readonly Place[], element: ElementReference): void {
    const { asm, surroundings } = this;
    switch (op) {
      case "load":
        this.loadWords(reg, element);
        break;
      case "loadBytes":
        this.loadBytes(reg, element);
        break;
      case "broadcast":
        this.vector("vbroadcastss", { reg, rm: surroundings.rowElement(element) });
        break;
      case "broadcastByte":
        asm.loadByte(gpr.rax, surroundings.rowElement(element));
        this.splat(reg, gpr.rax);
        break;
      case "store":
        this.storeWords(registerOf(from[0]!), element);
        break;
      case "storeBytes":
        this.storeBytes(registerOf(from[0]!), element);
        break;
      case "storeOne":
        this.vector("vmovssStore", { reg: registerOf(from[0]!), rm: surroundings.rowElement(element) }, 128);
        break;
      case "storeOneByte": {
        const address = surroundings.rowElement(element);
        this.vector("vmovdToGpr", { reg: registerOf(from[0]!), rm: gpr.rcx }, 128);
        asm.storeByte(address, gpr.rcx);
        break;
      }
      default:
        throw new Error(`internal: ${op} does not access memory`);
    }
  }

  private countFrom(start: number): number[] {
    return Array.from({ length: lanesOf(this.target) }, (_, lane) => start + lane);
  }

  private splat(reg: number, from: Gpr): void {
    vex(this.asm, "vmovdFromGpr", { width: 128, reg: temporaryRegister, rm: from });
    this.vector("vbroadcastss", { reg, rm: temporaryRegister });
  }

  /** AVX-512 compares into a mask register, from which the lanes are filled. */
  private compare(
    reg: number,
    vvvv: number,
    rm: number | Memory,
    how: Record<"narrow" | "wide", readonly [VectorMnemonic, immediate: number | undefined]>,
  ): void {
    const [mnemonic, immediate] = this.target === "avx2" ? how.narrow : how.wide;
    this.vector(mnemonic, { reg: this.target === "avx2" ? reg : temporaryMask, vvvv, rm, immediate });
    if (this.target === "avx512") this.vector("vpmovm2d", { reg, rm: temporaryMask });
  }

  private blend(reg: number, from: readonly Place[]): void {
    const [condition, a, b] = from as [Place, Place, Place];
    const immediate = registerOf(condition) << 4;
    this.vector("vblendvps", { reg, vvvv: registerOf(b), rm: this.operand(a), immediate });
  }

  /** The digits name operands: 213 is reg = vvvv · reg + rm, 132 is reg = reg · rm + vvvv, 231 is reg = vvvv · rm + reg. */
  private multiplyAdd(op: "fma" | "fnma", reg: number, from: readonly Place[], overwritten: number): void {
    const name = op === "fma" ? "vfmadd" : "vfnmadd";
    const [a, b, c] = from as [Place, Place, Place];
    if (overwritten === 2) {
      const [first, second] = a.kind === "home" ? [b, a] : [a, b];
      this.vector(`${name}231ps`, { reg, vvvv: registerOf(first), rm: this.operand(second) });
      return;
    }
    const other = overwritten === 0 ? b : a;
    if (other.kind === "home") {
      this.vector(`${name}132ps`, { reg, vvvv: registerOf(c), rm: this.operand(other) });
    } else {
      this.vector(`${name}213ps`, { reg, vvvv: other.register, rm: this.operand(c) });
    }
  }

  /** A select is a boolean function of three bits, whose truth table depends on the order of the operands. */
  private ternary(reg: number, from: readonly Place[], overwritten: number): void {
    const others = [0, 1, 2].filter((position) => position !== overwritten);
    if (from[others[0]!]!.kind === "home") others.reverse();
    const order = [overwritten, ...others];
    let table = 0;
    for (let row = 0; row < 8; row++) {
      const bit = (position: number) => (row >> (2 - order.indexOf(position))) & 1;
      table |= (bit(0) ? bit(1) : bit(2)) << row;
    }
    const [, second, third] = order.map((position) => from[position]!);
    this.vector("vpternlogd", {
      reg,
      vvvv: registerOf(second!),
      rm: this.operand(third!),
      immediate: table,
    });
  }

  /** Exchanges each lane with the one at a distance of 1, 2, 4 or 8. */
  private swap(reg: number, from: number, distance: number): void {
    if (distance <= 2) {
      this.vector("vpermilps", { reg, rm: from, immediate: distance === 1 ? 0xb1 : 0x4e });
    } else if (this.target === "avx512") {
      this.vector("vshuff32x4", { reg, vvvv: from, rm: from, immediate: distance === 4 ? 0xb1 : 0x4e });
    } else {
      this.vector("vperm2f128", { reg, vvvv: from, rm: from, immediate: 1 });
    }
  }

  private loadTailLanes(lanes: number): void {
    const words = Array.from({ length: 8 }, (_, lane) => (lane < lanes ? -1 : 0));
    this.vector("vmovups", { reg: temporaryRegister, rm: this.constant(words) });
  }

  private loadWords(reg: number, element: ElementReference): void {
    const rm = this.surroundings.element(element, 4);
    if (element.lanes === undefined) this.vector("vmovups", { reg, rm });
    else if (this.target === "avx512") evex(this.asm, "vmovups", { width: 512, reg, rm }, tailMask, true);
    else {
      this.loadTailLanes(element.lanes);
      this.vector("vmaskmovps", { reg, vvvv: temporaryRegister, rm });
    }
  }

  private storeWords(reg: number, element: ElementReference): void {
    const rm = this.surroundings.element(element, 4);
    if (element.lanes === undefined) this.vector("vmovupsStore", { reg, rm });
    else if (this.target === "avx512") evex(this.asm, "vmovupsStore", { width: 512, reg, rm }, tailMask);
    else {
      this.loadTailLanes(element.lanes);
      this.vector("vmaskmovpsStore", { reg, vvvv: temporaryRegister, rm });
    }
  }

  private loadBytes(reg: number, element: ElementReference): void {
    const rm = this.surroundings.element(element, 1);
    if (element.lanes === undefined) {
      this.vector("vpmovzxbd", { reg, rm });
      return;
    }
    if (this.target === "avx512") {
      evex(this.asm, "vpmovzxbd", { width: 512, reg, rm }, tailMask, true);
      return;
    }
    const bytes = temporaryRegister;
    vex(this.asm, "vpxor", { width: 128, reg: bytes, vvvv: bytes, rm: bytes });
    for (let lane = 0; lane < element.lanes; lane++) {
      vex(this.asm, "vpinsrb", { width: 128, reg: bytes, vvvv: bytes, rm: displaced(rm, lane), immediate: lane });
    }
    this.vector("vpmovzxbd", { reg, rm: bytes });
  }

  /** Lanes are 0 to 255. */
  private storeBytes(reg: number, element: ElementReference): void {
    const rm = this.surroundings.element(element, 1);
    if (this.target === "avx512") {
      evex(this.asm, "vpmovdbStore", { width: 512, reg, rm }, element.lanes === undefined ? 0 : tailMask);
      return;
    }
    const bytes = temporaryRegister;
    vex(this.asm, "vextractf128", { width: 256, reg, rm: bytes, immediate: 1 });
    vex(this.asm, "vpackusdw", { width: 128, reg: bytes, vvvv: reg, rm: bytes });
    vex(this.asm, "vpackuswb", { width: 128, reg: bytes, vvvv: bytes, rm: bytes });
    if (element.lanes === undefined) {
      vex(this.asm, "vmovqStore", { width: 128, reg: bytes, rm });
      return;
    }
    for (let lane = 0; lane < element.lanes; lane++) {
      vex(this.asm, "vpextrb", { width: 128, reg: bytes, rm: displaced(rm, lane), immediate: lane });
    }
  }
}

function registerOf(place: Place): number {
  if (place.kind !== "register") throw new Error("internal: an operand must be in a register");
  return place.register;
}

function displaced(memory: Memory, bytes: number): Memory {
  if ("label" in memory) throw new Error("internal: elements are addressed by registers");
  return { ...memory, displacement: (memory.displacement ?? 0) + bytes };
}
