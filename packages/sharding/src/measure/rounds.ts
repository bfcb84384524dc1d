import type * as tf from "@tensorflow/tfjs-core";
import { collectives, type HostTensor, hostTensor, jit } from "@vitscale/core";
import { gatherValues } from "../collectives/gather-texts.ts";
import type { Communicator } from "../communicator.ts";
import { meshEngine } from "../program/engine.ts";
import type { Part } from "./layer-parts.ts";

/** Ranks in a row: what is measured here has one mesh axis. */
export type Row = Communicator<{ readonly model: number }>;

/** Values of no interest: products of them neither overflow nor vanish. */
function filled(shape: readonly number[]): HostTensor {
  return hostTensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01));
}

/** One round compiles, one finds the memory that was let go. */
const warmup = 2;

/**
 * Times functions on all ranks, in turns: each runs once before any runs again, and each round begins with another. All ranks begin
 * together, and a function is done when it is done on the slowest.
 *
 * @returns milliseconds of each function on the slowest rank, a round each; the same on every rank
 */
export async function timeInRounds<Name extends string>(
  communicator: Row,
  functions: Readonly<Record<Name, Part>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const engine = meshEngine(communicator);
  const group = communicator.group("model");
  const barrier = jit((x: tf.Tensor) => collectives.allReduce(x, group), { engine, name: "barrier" });
  const names = Object.keys(functions) as Name[];
  const programs = names.map((name) => {
    const { compute, shapes } = functions[name];
    // In the memory of the engine, as parameters are: a call copies what is not.
    const given = shapes.map((shape) => engine.upload(filled(shape)));
    return { given, program: jit(compute, { engine, name }), times: [] as number[] };
  });
  for (let round = -warmup; round < rounds; round++) {
    const begin = (round + warmup) % programs.length;
    for (const { program, given, times } of [...programs.slice(begin), ...programs.slice(0, begin)]) {
      (await barrier(filled([]))).dispose();
      const start = performance.now();
      (await program(given)).dispose();
      if (round >= 0) times.push(performance.now() - start);
    }
  }
  const all = await gatherValues(
    communicator,
    "times",
    programs.map(({ times }) => times),
  );
  for (const { program, given } of programs) {
    await program.dispose();
    for (const tensor of given) tensor.dispose();
  }
  await barrier.dispose();
  const slowest = (i: number) =>
    Array.from({ length: rounds }, (_, round) => Math.max(...all.map((times) => times[i]?.[round] as number)));
  return Object.fromEntries(names.map((name, i) => [name, slowest(i)])) as Record<Name, number[]>;
}
