import { createHash } from "node:crypto";
import type { Collective } from "../collectives/algorithms.ts";
import { gatherBytes, gatherTexts } from "../collectives/gather-texts.ts";
import { describeCollective } from "../collectives/traffic.ts";
import type { Communicator } from "../communicator.ts";
import type { Transfer } from "./cut.ts";

/** Ranks that should do the same would not: they were started differently, or compiled programs that do not fit together. */
export class DisagreementError extends Error {
  override readonly name = "DisagreementError";
}

/** What a program does with other ranks, a line for each collective: the same text on every rank. */
export function describeTransfers(transfers: readonly Transfer[]): string[] {
  return transfers.map(
    ({ node, inputs: [operand], channel }) => `#${channel} ${describeCollective(node as Collective, operand)}`,
  );
}

/**
 * Makes sure, before anything runs, that all ranks have compiled the same collectives.
 *
 * @throws DisagreementError on every rank, with the first collective in which two ranks differ.
 */
export async function agreeOnProgram(
  communicator: Communicator,
  name: string,
  lines: readonly string[],
): Promise<void> {
  const different = await firstToDiffer(communicator, `compiled program "${name}"`, lines);
  if (!different) return;
  const { other, at, first, second } = different;
  const show = (line: string | undefined) => (line ? `"${line}"` : "nothing more");
  throw new DisagreementError(
    `ranks 0 and ${other} compiled different programs "${name}": collective ${at + 1} of rank 0 is ${show(first)}, that of rank ` +
      `${other} is ${show(second)}. Every rank must compile the same function for arguments of the same shapes`,
  );
}

/**
 * Makes sure that all ranks were started with the same facts, such as `{ version, config }`. All ranks call it, with facts of the
 * same names.
 *
 * @throws DisagreementError on every rank, with the first fact in which two ranks differ.
 */
export async function agreeOnStart(
  communicator: Communicator,
  facts: Readonly<Record<string, string | number>>,
): Promise<void> {
  const lines = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  const different = await communicator.inTurn(() => firstToDiffer(communicator, "start", lines));
  if (!different) return;
  const { other, first, second } = different;
  throw new DisagreementError(
    `ranks 0 and ${other} were started differently: rank 0 has ${first ?? "nothing more"}, rank ${other} has ` +
      `${second ?? "nothing more"}. Start all ranks with the same command, from the same installation`,
  );
}

/** The first line in which the text of a rank differs from that of rank 0. */
interface Difference {
  readonly other: number;
  readonly at: number;
  readonly first: string | undefined;
  readonly second: string | undefined;
}

/** Compares a text of every rank; every rank gets the same answer. Only fingerprints travel while the texts are equal. */
async function firstToDiffer(
  communicator: Communicator,
  subject: string,
  lines: readonly string[],
): Promise<Difference | undefined> {
  const text = lines.join("\n");
  const own = new Uint8Array(createHash("sha256").update(text).digest());
  const digests = await gatherBytes(communicator, `fingerprint of ${subject}`, own);
  const other = digests.findIndex((digest) => Buffer.compare(digest, digests[0] as Uint8Array) !== 0);
  if (other < 0) return undefined;

  const texts = await gatherTexts(communicator, subject, text);
  const [mine, theirs] = [0, other].map((i) => (texts[i] as string).split("\n")) as [string[], string[]];
  const at = Array.from({ length: Math.max(mine.length, theirs.length) }).findIndex((_, i) => mine[i] !== theirs[i]);
  return { other, at, first: mine[at], second: theirs[at] };
}
