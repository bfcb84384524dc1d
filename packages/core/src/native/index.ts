/*
 * Fused operations for ONNX Runtime's CPU provider, without a C compiler.
 *
 * The runtime multiplies matrices near the processor's peak, but every elementwise operation is a pass over memory, and
 * a GELU gradient is ten of them, an AdamW update fourteen. Here such a chain is written down as a row program, compiled
 * to one loop of AVX2 or AVX-512 instructions, and handed to the runtime as an operator of our own:
 *
 *   row-program.ts ── analysis.ts, plan.ts ──▶ what is computed in which loop over a row
 *                  ── row-code.ts, operations.ts, math.ts, power.ts ──▶ vector code (vector-code.ts)
 *                  ── registers.ts, emit.ts, compile.ts ──▶ machine code (assembler.ts, vector-instructions.ts)
 *                  ── custom-op*.ts, executable-memory.ts ──▶ an operator that ONNX Runtime's threads run
 */

// What the fusion pass writes, and what it may write.

export * from "./row-program.ts";
export { type RowOp, resultType, supports } from "./supports.ts";

// Whether this machine can run it, and the operators for the runtime.

export { type Capability, capability } from "./capability.ts";
export { type CustomOps, createCustomOps } from "./custom-op.ts";
export type { CustomOpRequest } from "./custom-op-layout.ts";
export { mayOverwrite } from "./plan.ts";

// For looking and checking.

export { describe } from "./describe.ts";
export { interpret } from "./interpret.ts";
