import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HostTensor, hostTensor } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { markOf, openAnswers } from "./answers.ts";
import { type Teacher, withAnswers } from "./teacher.ts";

const newFolder = temporaryFolders();

const key = { teacher: "a", views: 2 };
const logitsOf = (position: number) => hostTensor("float32", [2, 3], Float32Array.of(position, 0.1, -2, 3, 1e-30, 7));
const batchOf = (position: number) => ({
  images: hostTensor("uint8", [2, 1, 1, 1], Uint8Array.of(position, 9)),
  labels: hostTensor("int32", [2], Int32Array.of(0, 2)),
});

/** A teacher that remembers what it was asked, with answers kept in a folder. */
async function kept(folder: string, notes: string[] = []) {
  const asked: number[] = [];
  const teacher: Teacher = {
    identity: {},
    async logits(position) {
      asked.push(position);
      return logitsOf(position);
    },
    async dispose() {},
  };
  const answers = await openAnswers(folder, key, [2, 3], (text) => notes.push(text));
  const { logits } = withAnswers(teacher, answers);
  const ask = (position: number, batch = batchOf(position), mixup?: number) => logits(position, batch, mixup);
  return { asked, answers, ask };
}

describe("a teacher's answers", () => {
  it("are asked for once, also by a resumed run and by another student at the same time", async () => {
    const folder = newFolder();
    const first = await kept(folder);
    for (const position of [5, 0, 5, 5]) expect(await first.ask(position)).toEqual(logitsOf(position));
    expect(first.asked).toEqual([5, 0]);
    const second = await kept(folder);
    expect(await second.ask(0)).toEqual(logitsOf(0));
    expect(await second.ask(3)).toEqual(logitsOf(3));
    expect(await first.ask(3)).toEqual(logitsOf(3));
    expect([first.asked, second.asked]).toEqual([[5, 0], [3]]);
    for (const { answers } of [first, second]) await answers.close();
  });

  it("are damaged whichever byte is changed and wherever they are cut: that is said, and they are asked for again", async () => {
    const folder = newFolder();
    const { ask, answers } = await kept(folder);
    await ask(0);
    await answers.close();
    const whole = readFileSync(answers.path);
    const damaged = async (content: Buffer) => {
      writeFileSync(answers.path, content);
      const notes: string[] = [];
      const again = await kept(folder, notes);
      expect(await again.ask(0)).toEqual(logitsOf(0));
      expect(await again.ask(0)).toEqual(logitsOf(0));
      expect(again.asked).toEqual([0]);
      await again.answers.close();
      return notes;
    };
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << (at % 8);
      const what = at >= 4 && at < 8 ? "are of other images" : "are damaged";
      expect(await damaged(bytes)).toEqual([
        `the teacher's answers for batch 0 in ${answers.path} ${what}; the teacher is asked again`,
      ]);
    }
    for (let length = 12; length < whole.length; length += 5) {
      expect(await damaged(whole.subarray(0, length))).toHaveLength(1);
    }
    expect(await damaged(Buffer.alloc(0))).toEqual([]);
  });

  it("are of the images, labels and mixing that the teacher was shown", async () => {
    const other = { ...batchOf(0), images: hostTensor("uint8", [2, 1, 1, 1], Uint8Array.of(1, 9)) };
    const marks = [markOf(batchOf(0)), markOf(other), markOf(batchOf(0), 0.5), markOf(batchOf(0), 1)];
    expect(new Set(marks).size).toBe(3);
    const notes: string[] = [];
    const { ask, asked, answers } = await kept(newFolder(), notes);
    await ask(0);
    await ask(0, other);
    expect(asked).toEqual([0, 0]);
    expect(notes).toEqual([expect.stringContaining("are of other images")]);
    await answers.close();
  });

  it("are apart for every key", async () => {
    const folder = newFolder();
    const one = await openAnswers(folder, key, [2, 3], () => {});
    const other = await openAnswers(folder, { ...key, views: 3 }, [2, 3], () => {});
    expect(one.path).not.toBe(other.path);
    await one.close();
    await other.close();
  });

  it("are asked for each time where the disk takes no more, which is said once", async () => {
    const notes: string[] = [];
    const { ask, asked, answers } = await kept(newFolder(), notes);
    const tooLarge: HostTensor<"float32"> = logitsOf(0);
    // A place beyond what any file system has.
    await answers.keep(2 ** 46, 0, tooLarge);
    await answers.keep(2 ** 46, 0, tooLarge);
    expect(notes).toEqual([expect.stringMatching(/takes no more of the teacher's answers, .*: EFBIG/)]);
    await ask(0);
    await ask(0);
    expect(asked).toEqual([0, 0]);
    await answers.close();
  });

  it("are refused a file in place of a folder", async () => {
    const path = join(newFolder(), "file");
    writeFileSync(path, "");
    await expect(openAnswers(path, key, [2, 3], () => {})).rejects.toThrow(
      /file cannot be written: EEXIST.*give another teacher\.answers$/,
    );
  });
});
