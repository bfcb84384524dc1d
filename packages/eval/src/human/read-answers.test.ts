import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeRowsFiles } from "../suite/rows-files.ts";
import { answersFile } from "./answers-file.ts";
import { readAnswers, readAnswersFolder, readAnswerTable } from "./read-answers.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-answers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const header = "subj,Session,trial,rt,object_response,category,condition,imagename";
const person = `${header}
subject-01,1,1,0.79,oven,boat,3,0000_hp_s01_3_boat_40_n1_1.png
subject-01,1,2,0.65,cat,cat,0.70,0001_hp_s01_0.70_cat_40_n1_2.png
`;
const model = `${header.toLowerCase()}
my_model,1,1,NaN,dog,cat,0.7,0000_hp_dnn_0.7_cat_40_n1_2.png
my_model,1,2,NaN,boat,boat,3.0,0001_hp_dnn_3.0_boat_40_n1_1.png
`;

function files(...texts: string[]): string[] {
  return texts.map((text, i) => {
    const path = join(folder, `answers-${i}.csv`);
    writeFileSync(path, text);
    return path;
  });
}

it("says that a table of answers has no rows", async () => {
  const path = join(folder, "edge.csv");
  writeFileSync(path, "condition,category,image,subject-01,net\n");
  await expect(readAnswerTable(path)).rejects.toThrow("edge.csv: has no rows; give a row for each image");
  rmSync(path);
});

describe("readAnswers", () => {
  it("brings observers into one order of images", async () => {
    const answers = await readAnswers("high-pass", files(person, model));
    expect(answers.conditions).toEqual(["3.0", "0.7"]);
    expect([...answers.trials.category]).toEqual([4, 7]);
    expect(answers.observers).toMatchObject([
      { name: "subject-01", isHuman: true, answers: Int8Array.of(14, 7) },
      { name: "my_model", isHuman: false, answers: Int8Array.of(4, 10) },
    ]);
  });

  it.each([
    [
      model.replace("dog", "wolf"),
      'answers-1.csv: row 0: object_response is "wolf", none of the sixteen categories (airplane',
    ],
    [
      model.replace("n1_2", "n1_9"),
      "answers-1.csv: row 0: my_model answered image 9.png in condition 0.7, subject-01 did not, one of 2 images",
    ],
    [
      model.split("\n").slice(0, 2).join("\n"),
      "answers-1.csv: subject-01 answered image 1.png in condition 3.0, my_model did not; observers must",
    ],
    [
      model.replace("NaN,dog,cat", "NaN,dog,bird"),
      "answers-1.csv: row 0: image 2.png in condition 0.7 is of bird to my_model, and of cat to subject-01; observers",
    ],
    [model.split("\n")[0]!, "answers-1.csv: has no rows; give a row for each answer"],
    [model.replaceAll(/^my_model/gm, () => `m${Math.random()}`), "give a file for each observer"],
    [
      model.replace("object_response", "answer"),
      'answers-1.csv: has no column "object_response"; it has subj, session',
    ],
  ])("names what is wrong and where (%#)", async (text, message) => {
    await expect(readAnswers("high-pass", files(person, text))).rejects.toThrow(message);
  });

  it("names the file that differs from most others, and who is on either side", async () => {
    const as = (name: string, text: string) => text.replaceAll("subject-01", name);
    const lacking = model.split("\n").slice(0, 2).join("\n");
    const names = ["a", "b", "c", "d", "e"];
    // The model's file comes first, and lacks an image that all others have.
    const files_ = files(lacking, ...names.map((name) => as(name, person)));
    await expect(readAnswers("high-pass", files_)).rejects.toThrow(
      "answers-0.csv: a, b, c and 2 others answered image 1.png in condition 3.0, my_model did not; observers must",
    );
    const extra = `${person}subject-01,1,3,1,cat,cat,1,n1_3.png\nsubject-01,1,4,1,cat,cat,1,n1_4.png\n`;
    await expect(readAnswers("high-pass", files(as("a", person), extra, model))).rejects.toThrow(
      "answers-1.csv: row 2: subject-01 answered image 3.png in condition 1.0, a, my_model did not, one of 2 images",
    );
    const other = person.replace("cat,cat", "cat,dog");
    await expect(readAnswers("high-pass", files(other, model, as("b", person)))).rejects.toThrow(
      "answers-0.csv: row 1: image 2.png in condition 0.7 is of dog to subject-01, and of cat to my_model, b; observers",
    );
  });

  it("refuses an observer of two files, and a file that is given twice", async () => {
    const [path = "", copy = ""] = files(person, person);
    const message = `${copy}: has answers of subject-01, as ${path} has; give one file for each observer`;
    await expect(readAnswers("high-pass", [path, copy])).rejects.toThrow(message);
    await expect(readAnswers("high-pass", [path, path])).rejects.toThrow("give one file for each observer");
  });

  it("names the row of an image that came before", async () => {
    const again = person + person.split("\n").slice(1).join("\n");
    await expect(readAnswers("high-pass", files(again))).rejects.toThrow(
      "row 2: image 1.png came before in the same condition",
    );
    await expect(
      readAnswers("high-pass", files(person, model + model.split("\n").slice(1).join("\n"))),
    ).rejects.toThrow("answers-1.csv: row 2: image 2.png came before in the same condition");
  });

  it("reads back what it writes in the toolbox's format, from the toolbox's folders", async () => {
    const answers = await readAnswers("high-pass", files(person, model));
    const out = join(folder, "raw-data");
    const named = { ...answers.observers[1]!, name: "org/my_model" };
    const written = await writeRowsFiles(
      out,
      [answers.observers[0]!, named].map((observer) => answersFile(answers, observer)),
    );
    expect(written).toEqual([
      join(out, "high-pass", "high-pass_subject-01_session-1.csv"),
      join(out, "high-pass", "high-pass_org-my-model_session-1.csv"),
    ]);
    mkdirSync(join(out, "empty"), { recursive: true });
    const [back, ...others] = await readAnswersFolder(out);
    expect(others).toEqual([]);
    expect(back).toMatchObject({ name: "high-pass", conditions: answers.conditions });
    for (const observer of [answers.observers[0], named]) expect(back!.observers).toContainEqual(observer);
  });
});

describe("readAnswersFolder", () => {
  it("reads folders of observers and tables of data sets side by side, and no set twice", async () => {
    const place = join(folder, "mixed");
    mkdirSync(join(place, "high-pass"), { recursive: true });
    await expect(readAnswersFolder(place)).rejects.toThrow(`${place}: has no answers; give a folder with a folder for`);
    writeFileSync(join(place, "high-pass", "person.csv"), person);
    writeFileSync(join(place, "edge.csv"), "condition,category,image,subject-01\n,cat,a.png,cat\n");
    expect((await readAnswersFolder(place)).map(({ name }) => name)).toEqual(["edge", "high-pass"]);
    writeFileSync(join(place, "high-pass.csv"), "condition,category,image,subject-01\n3,cat,a.png,cat\n");
    await expect(readAnswersFolder(place)).rejects.toThrow(
      "high-pass.csv: is a data set of which there is a folder too",
    );
  });
});

describe("readAnswerTable", () => {
  it("names the observer who lacks an image", async () => {
    const path = join(folder, "edge.csv");
    writeFileSync(path, "condition,category,image,subject-01,net\n,cat,a.png,cat,cat\n,dog,b.png,dog,\n");
    await expect(readAnswerTable(path)).rejects.toThrow(`${path}: row 1: net is "", none of the sixteen categories`);
  });

  it("has a row for each image and a column for each observer", async () => {
    const path = join(folder, "false-colour.csv");
    writeFileSync(path, "condition,category,image,subject-01,net\nFalse,cat,a.png,cat,na\ntrue,dog,b.png,dog,dog\n");
    expect(await readAnswerTable(path)).toMatchObject({
      name: "false-colour",
      conditions: ["False", "True"],
      observers: [{ isHuman: true }, { name: "net", isHuman: false, answers: Int8Array.of(-1, 10) }],
    });
  });
});

it("says which folder to give, of a file and of one data set's folder", async () => {
  const set = join(folder, "one-set", "high-pass");
  mkdirSync(set, { recursive: true });
  writeFileSync(join(set, "high-pass_subject-01.csv"), person);
  await expect(readAnswersFolder(set)).rejects.toThrow(
    "has the answers of one observer, in the toolbox's form, and so the folder is that of one data set; give the folder above it",
  );
  const file = join(set, "high-pass_subject-01.csv");
  await expect(readAnswersFolder(file)).rejects.toThrow(`${file}: is a file; give a folder with a folder for each`);
});
