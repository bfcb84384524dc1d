import type { Assembler, Label, Memory } from "./assembler.ts";
import { lanesOf, type Target } from "./vector-code.ts";
import { evex, type VectorMnemonic, type VectorOperands, vex, type Width } from "./vector-instructions.ts";

/** Mask registers: k1 is a temporary, k2 holds the lanes of the last, partial vector of a row. */
export const maskRegister = { temporary: 1, tail: 2 } as const;

/** Encodes instructions on whole vectors of a target, and collects the constants that they read. */
export class Encoder {
  readonly width: Width;
  private readonly pool = new Map<string, { readonly label: Label; readonly words: readonly number[] }>();

  constructor(
    readonly asm: Assembler,
    readonly target: Target,
  ) {
    this.width = target === "avx512" ? 512 : 256;
  }

  get lanes(): number {
    return lanesOf(this.target);
  }

  /** An instruction of any length, on whole vectors unless told otherwise. */
  vector(mnemonic: VectorMnemonic, operands: Omit<VectorOperands, "width">, width: Width = this.width): void {
    if (this.target === "avx512") evex(this.asm, mnemonic, { width, ...operands });
    else vex(this.asm, mnemonic, { width, ...operands });
  }

  /** An AVX-512 instruction on the lanes of the partial vector; a load clears the others. */
  partial(mnemonic: VectorMnemonic, operands: Omit<VectorOperands, "width">, isLoad: boolean): void {
    evex(this.asm, mnemonic, { width: this.width, ...operands }, maskRegister.tail, isLoad);
  }

  /** Where a constant will be. */
  constant(words: readonly number[]): Memory {
    const key = words.join();
    let entry = this.pool.get(key);
    if (entry === undefined) {
      entry = { label: this.asm.label(`constant ${key}`), words };
      this.pool.set(key, entry);
    }
    return { label: entry.label };
  }

  /** Appends the constants that were referred to. */
  finishPool(): void {
    this.asm.align(64);
    for (const { label, words } of this.pool.values()) {
      this.asm.bind(label);
      for (const word of words) this.asm.int32(word);
    }
  }
}
