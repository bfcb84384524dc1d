import { hostTensor } from "@vitscale/core";
import type { HostBatch } from "../training/vit-program.ts";
import { checkedSteps, pixelAt, type Ready, type Task } from "./protocol.ts";

/** A peer that is ready: what it is, and the work that is measured. */
export interface Prepared {
  readonly version: string;
  /** Threads that it computes with. */
  readonly threads: number;
  readonly check: readonly number[];
  readonly parts?: Ready["parts"];
  /** Does the work once. @returns milliseconds; of each product, where there are several */
  run(): Promise<readonly number[]>;
  /** What is known only at the end, as JSON. */
  finish?(): Promise<Readonly<Record<string, unknown>>>;
}

/** Makes a peer ready for a task, or throws what it cannot do. */
export type Implementation = (task: Task) => Promise<Prepared>;

/** The task of one kind, where a peer does only that. @throws Error otherwise. */
export function taskOf<Kind extends Task["kind"]>(task: Task, kind: Kind, peer: string): Extract<Task, { kind: Kind }> {
  if (task.kind !== kind) throw new Error(`${peer} has no implementation of the task "${task.kind}"; it does ${kind}`);
  return task as Extract<Task, { kind: Kind }>;
}

/** Images and labels that every peer makes for itself. */
export function taskBatch({ model, batch }: Pick<Extract<Task, { batch: number }>, "model" | "batch">): HostBatch {
  const { imageSide, channels, classes } = model;
  const images = hostTensor("uint8", [batch, imageSide, imageSide, channels]);
  for (let position = 0; position < images.data.length; position++) images.data[position] = pixelAt(position);
  const labels = hostTensor("int32", [batch]);
  for (let index = 0; index < batch; index++) labels.data[index] = index % classes;
  return { images, labels };
}

/** The losses of the first steps, by which peers are compared. */
export async function firstLosses(step: () => Promise<number>): Promise<number[]> {
  const losses: number[] = [];
  while (losses.length < checkedSteps) losses.push(await step());
  return losses;
}

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
