import type { Addressing } from "./addressing.ts";
import { type Gpr, gpr, type Memory } from "./assembler.ts";
import { type Encoder, maskRegister } from "./encoder.ts";
import { temporaryRegister } from "./registers.ts";
import type { ElementReference, VectorOp } from "./vector-code.ts";
import { setMask, vex } from "./vector-instructions.ts";

/** Operations that load or store elements of operands. */
export type MemoryOp = Extract<VectorOp, `load${string}` | `store${string}` | `broadcast${string}`>;

/**
 * Encodes loads and stores. Of a partial vector nothing is touched behind its last element: AVX-512 masks lanes, AVX2
 * does so for 32-bit elements, and takes bytes one by one.
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
        this.loadBytes(reg, element);
        break;
      case "broadcast":
        encoder.vector("vbroadcastss", { reg, rm: addressing.rowElement(element) });
        break;
      case "broadcastByte":
        encoder.asm.loadByte(gpr.rax, addressing.rowElement(element));
        this.splat(reg, gpr.rax);
        break;
      case "store":
        this.storeWords(reg, element);
        break;
      case "storeBytes":
        this.storeBytes(reg, element);
        break;
      case "storeOne":
        encoder.vector("vmovssStore", { reg, rm: addressing.rowElement(element) }, 128);
        break;
      case "storeOneByte": {
        const address = addressing.rowElement(element);
        encoder.vector("vmovdToGpr", { reg, rm: gpr.rcx }, 128);
        encoder.asm.storeByte(address, gpr.rcx);
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

  private loadBytes(reg: number, element: ElementReference): void {
    const rm = this.addressing.element(element, 1);
    if (element.lanes === undefined) {
      this.encoder.vector("vpmovzxbd", { reg, rm });
      return;
    }
    if (this.encoder.target === "avx512") {
      this.encoder.partial("vpmovzxbd", { reg, rm }, true);
      return;
    }
    const bytes = temporaryRegister;
    vex(this.encoder.asm, "vpxor", { width: 128, reg: bytes, vvvv: bytes, rm: bytes });
    for (let lane = 0; lane < element.lanes; lane++) {
      vex(this.encoder.asm, "vpinsrb", {
        width: 128,
        reg: bytes,
        vvvv: bytes,
        rm: displaced(rm, lane),
        immediate: lane,
      });
    }
    this.encoder.vector("vpmovzxbd", { reg, rm: bytes });
  }

  /** Lanes are 0 to 255. */
  private storeBytes(reg: number, element: ElementReference): void {
    const rm = this.addressing.element(element, 1);
    if (this.encoder.target === "avx512") {
      if (element.lanes === undefined) this.encoder.vector("vpmovdbStore", { reg, rm });
      else this.encoder.partial("vpmovdbStore", { reg, rm }, false);
      return;
    }
    const bytes = temporaryRegister;
    vex(this.encoder.asm, "vextractf128", { width: 256, reg, rm: bytes, immediate: 1 });
    vex(this.encoder.asm, "vpackusdw", { width: 128, reg: bytes, vvvv: reg, rm: bytes });
    vex(this.encoder.asm, "vpackuswb", { width: 128, reg: bytes, vvvv: bytes, rm: bytes });
    if (element.lanes === undefined) {
      vex(this.encoder.asm, "vmovqStore", { width: 128, reg: bytes, rm });
      return;
    }
    for (let lane = 0; lane < element.lanes; lane++) {
      vex(this.encoder.asm, "vpextrb", { width: 128, reg: bytes, rm: displaced(rm, lane), immediate: lane });
    }
  }
}

function displaced(memory: Memory, bytes: number): Memory {
  if ("label" in memory) throw new Error("internal: elements are addressed by registers");
  return { ...memory, displacement: (memory.displacement ?? 0) + bytes };
}
