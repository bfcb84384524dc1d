import { dirname, join } from "node:path";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { Share } from "../mesh/share.ts";
import { openAnswers } from "../transfer/answers.ts";
import { type Teacher, withAnswers } from "../transfer/teacher.ts";
import type { Closing } from "./closing.ts";

/** Where and for what {@link rememberAnswers} keeps answers. */
export interface Remembering {
  /** Folder of the run. */
  readonly folder: string;
  /** The part of every batch that this rank asks for. */
  readonly rows: Share["rows"];
  readonly stepsPerEpoch: number;
  readonly closing: Closing;
  readonly note: (text: string) => void;
}

/** The teacher of a run, whose answers to repeated views are kept on disk for this run and others. */
export async function rememberAnswers(
  asked: Teacher,
  { teacher, data, seed, batchSize, model }: ResolvedConfig,
  { folder, rows, stepsPerEpoch, closing, note }: Remembering,
): Promise<Teacher> {
  if (teacher?.views == null) return asked;
  const key = { teacher: asked.identity, views: teacher.views, data, seed, batchSize, rows, stepsPerEpoch };
  const place = teacher.answers ?? join(dirname(folder), "teacher-answers");
  const answers = await openAnswers(place, key, [batchSize / rows.count, model.classes], note);
  closing.add(answers.close);
  return withAnswers(asked, answers);
}
