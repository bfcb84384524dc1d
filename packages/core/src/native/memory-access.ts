import type { Addressing } from "./addressing.ts";
import { type Gpr, gpr, type Memory } from "./assembler.ts";
import { type Encoder, maskRegister } from "./encoder.ts";
import { temporaryRegister } from "./registers.ts";
import type { ElementReference, VectorOp } from "./vector-code.ts";
import { setMask, vex } from "./vector-instructions.ts";

/** Operations that load or store elements of operands. */
export type MemoryOp = Extract<VectorOp, `load${string}` | `store${string}` | `broadcast${string}`>;

/** Instructions that widen and narrow elements of one or two bytes to and from 32-bit lanes. */
const narrow = {
  1: { load: "vpmovzxbd", insert: "vpinsrb", store: "vpmovdbStore", extract: "vpextrb" },
  2: { load: "vpmovzxwd", insert: "vpinsrw", store: "vpmovdwStore", extract: "vpextrw" },
} as const;

/**
 * Encodes loads and stores. Of a partial vector nothing is touched behind its last element: AVX-512 masks lanes, AVX2
 * does so for 32-bit elements, and takes smaller ones one by one.
 */
export class MemoryAccess {
  constructor(
    private readonly encoder: Encoder,
    private readonly addressing: Addressing,
  ) {}

  /** Sets the mask for partial vectors of so many lanes, where masks live in registers. Changes rax. */
  prepareTail(lanes: number): void {
    const { asm, target } = this.encoder;
    if (target !== "avx512") return;
    asm.constant(gpr.rax, (1 << lanes) - 1);
    setMask(asm, maskRegister.tail, gpr.rax);
  }

  /** Loads into a vector register, or stores it. */
  access(op: MemoryOp, reg: number, element: ElementReference): void {
    const { encoder, addressing } = this;
    switch (op) {
      case "load":
        this.loadWords(reg, element);
        break;
      case "loadBytes":
        this.loadNarrow(reg, element, 1);
        break;
      case "loadHalves":
        this.loadNarrow(reg, element, 2);
        break;
      case "broadcast":
        encoder.vector("vbroadcastss", { reg, rm: addressing.rowElement(element) });
        break;
      case "broadcastByte":
        encoder.asm.loadByte(gpr.rax, addressing.rowElement(element));
        this.splat(reg, gpr.rax);
        break;
      case "broadcastHalf":
        encoder.asm.loadHalf(gpr.rax, addressing.rowElement(element));
        this.splat(reg, gpr.rax);
        break;
      case "store":
        this.storeWords(reg, element);
        break;
      case "storeBytes":
        this.storeNarrow(reg, element, 1);
        break;
      case "storeHalves":
        this.storeNarrow(reg, element, 2);
        break;
      case "storeOne":
        encoder.vector("vmovssStore", { reg, rm: addressing.rowElement(element) }, 128);
        break;
      case "storeOneByte":
      case "storeOneHalf": {
        const address = addressing.rowElement(element);
        encoder.vector("vmovdToGpr", { reg, rm: gpr.rcx }, 128);
        if (op === "storeOneByte") encoder.asm.storeByte(address, gpr.rcx);
        else encoder.asm.storeHalf(address, gpr.rcx);
        break;
      }
      default:
        op satisfies never;
    }
  }

  /** Fills a vector with the low 32 bits of a general-purpose register. */
  splat(reg: number, from: Gpr): void {
    vex(this.encoder.asm, "vmovdFromGpr", { width: 128, reg: temporaryRegister, rm: from });
    this.encoder.vector("vbroadcastss", { reg, rm: temporaryRegister });
  }

  /** Sets the temporary register to ones in so many lanes, zeros in the others. */
  private loadTailLanes(lanes: number): void {
    const words = Array.from({ length: 8 }, (_, lane) => (lane < lanes ? -1 : 0));
    this.encoder.vector("vmovups", { reg: temporaryRegister, rm: this.encoder.constant(words) });
  }

  private loadWords(reg: number, element: ElementReference): void {
    const rm = this.addressing.element(element, 4);
    if (element.lanes === undefined) this.encoder.vector("vmovups", { reg, rm });
    else if (this.encoder.target === "avx512") this.encoder.partial("vmovups", { reg, rm }, true);
    else {
      this.loadTailLanes(element.lanes);
      this.encoder.vector("vmaskmovps", { reg, vvvv: temporaryRegister, rm });
    }
  }

  private storeWords(reg: number, element: ElementReference): void {
    const rm = this.addressing.element(element, 4);
    if (element.lanes === undefined) this.encoder.vector("vmovupsStore", { reg, rm });
    else if (this.encoder.target === "avx512") this.encoder.partial("vmovupsStore", { reg, rm }, false);
    else {
      this.loadTailLanes(element.lanes);
      this.encoder.vector("vmaskmovpsStore", { reg, vvvv: temporaryRegister, rm });
    }
  }

  /** Lanes are widened with zeros. */
  private loadNarrow(reg: number, element: ElementReference, bytes: 1 | 2): void {
    const { load, insert } = narrow[bytes];
    const rm = this.addressing.element(element, bytes);
    if (element.lanes === undefined) {
      this.encoder.vector(load, { reg, rm });
      return;
    }
    if (this.encoder.target === "avx512") {
      this.encoder.partial(load, { reg, rm }, true);
      return;
    }
    const packed = temporaryRegister;
    vex(this.encoder.asm, "vpxor", { width: 128, reg: packed, vvvv: packed, rm: packed });
    for (let lane = 0; lane < element.lanes; lane++) {
      vex(this.encoder.asm, insert, {
        width: 128,
        reg: packed,
        vvvv: packed,
        rm: displaced(rm, lane * bytes),
        immediate: lane,
      });
    }
    this.encoder.vector(load, { reg, rm: packed });
  }

  /** Lanes hold numbers of so many bytes. */
  private storeNarrow(reg: number, element: ElementReference, bytes: 1 | 2): void {
    const { store, extract } = narrow[bytes];
    const rm = this.addressing.element(element, bytes);
    if (this.encoder.target === "avx512") {
      if (element.lanes === undefined) this.encoder.vector(store, { reg, rm });
      else this.encoder.partial(store, { reg, rm }, false);
      return;
    }
    const packed = temporaryRegister;
    vex(this.encoder.asm, "vextractf128", { width: 256, reg, rm: packed, immediate: 1 });
    vex(this.encoder.asm, "vpackusdw", { width: 128, reg: packed, vvvv: reg, rm: packed });
    if (bytes === 1) vex(this.encoder.asm, "vpackuswb", { width: 128, reg: packed, vvvv: packed, rm: packed });
    if (element.lanes === undefined) {
      vex(this.encoder.asm, bytes === 1 ? "vmovqStore" : "vmovupsStore", { width: 128, reg: packed, rm });
      return;
    }
    for (let lane = 0; lane < element.lanes; lane++) {
      vex(this.encoder.asm, extract, { width: 128, reg: packed, rm: displaced(rm, lane * bytes), immediate: lane });
    }
  }
}

function displaced(memory: Memory, bytes: number): Memory {
  if ("label" in memory) throw new Error("internal: elements are addressed by registers");
  return { ...memory, displacement: (memory.displacement ?? 0) + bytes };
}
