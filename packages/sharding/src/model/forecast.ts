import { graph } from "@vitscale/core";
import { cutProgram } from "../program/cut.ts";
import { type Machine, predict } from "./predict.ts";

/** A program that repeats itself, such as a training step of a model of equal blocks. */
export interface DeepProgram {
  /** One rank's program with so many blocks. Called with 2 and 3. */
  readonly record: (depth: number) => graph.Graph;
  /** Blocks of the whole program, at least 2. */
  readonly depth: number;
}

/** What one rank's step is predicted to take. */
export interface StepForecast {
  readonly seconds: number;
  /** Seconds in which it computes, and that its transfers would take one after the other. */
  readonly computing: number;
  readonly transferring: number;
  /** Intermediate values that are alive at once, at most. */
  readonly intermediateBytes: number;
}

/**
 * Predicts a deep program from that of two blocks and that of three: each further block adds what the third does. The first and
 * the last block are as they are, and what travels from one block to the next is in both, so a program of equal blocks is predicted as if it
 * had been recorded whole.
 *
 * @throws RangeError when there are fewer than two blocks
 */
export function forecastStep({ record, depth }: DeepProgram, machine: Machine): StepForecast {
  if (!Number.isInteger(depth) || depth < 2) {
    throw new RangeError(
      `a program of ${depth} blocks repeats nothing; use predict on the whole, or at least 2 blocks`,
    );
  }
  const [two, three] = [2, 3].map((blocks) => {
    const program = record(blocks);
    const { seconds, computing, transferring } = predict(cutProgram(program), machine);
    return { seconds, computing, transferring, intermediateBytes: graph.estimateMemory(program).peak };
  }) as [StepForecast, StepForecast];
  const whole = (of: keyof StepForecast) => two[of] + (depth - 2) * (three[of] - two[of]);
  return {
    seconds: whole("seconds"),
    computing: whole("computing"),
    transferring: whole("transferring"),
    intermediateBytes: whole("intermediateBytes"),
  };
}
