import { hostTensor } from "@vitscale/core";
import { imagesInMemory } from "@vitscale/data";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { crashConfig } from "../../test/tiny-config.ts";
import { resolveConfig } from "../config/train-config.ts";
import { readEvents } from "../runs/rows.ts";
import { train } from "../trainer.ts";
import { compareClasses } from "./class-order.ts";

const colours = ["red", "green", "blue"];

describe("classes of an evaluation", () => {
  it("that are those of training need no word", () => {
    expect(compareClasses("test", colours, colours)).toBeUndefined();
    expect(compareClasses("test", ["Red", "green", "blue"], colours)).toBeUndefined();
    expect(compareClasses("test", ["crane", "crane"], ["crane", "crane"])).toBeUndefined();
  });

  it("are refused where a known name has another number, also beside unknown names", () => {
    const refused = 'evaluations.test: class "green" is number 0, and 1 in the training data; give both the same order';
    expect(() => compareClasses("test", ["green", "red", "blue"], colours)).toThrow(refused);
    expect(() => compareClasses("test", ["green", "red", "azure"], colours)).toThrow(refused);
    expect(() => compareClasses("test", ["azure", "red", "pink"], colours)).toThrow(
      'class "red" is number 1, and 0 in',
    );
  });

  it("are told of where training does not know a name, with what it counts as", () => {
    expect(compareClasses("test", ["red", "green", "azure"], colours)).toBe(
      'evaluations.test: no class of the training data, or more than one, is called "azure". Loss and top-1 go by number, so "azure", ' +
        'number 2, counts as "blue"; give both the same names, unless they mean the same',
    );
    expect(compareClasses("test", ["0", "1", "2"], colours)).toMatch(/called "0", "1", "2"\..* counts as "red"/);
    expect(compareClasses("test", ["crane", "heron"], ["crane", "crane"])).toContain('called "crane", "heron".');
  });
});

describe("a run", () => {
  const newFolder = temporaryFolders();
  const images = (classes: readonly string[]) => ({
    data: {
      source: imagesInMemory({
        images: hostTensor("uint8", [16, 16, 16, 3]),
        labels: hostTensor(
          "int32",
          [16],
          Int32Array.from({ length: 16 }, (_, i) => i % 3),
        ),
        classes,
      }),
    },
  });
  const run = (folder: string, named: readonly string[]) => {
    const { checkpoints: _, ...rest } = crashConfig;
    const model = { ...rest.model, classes: 3 };
    const config = { ...rest, ...images(colours), model, steps: 1, evaluations: { test: images(named) } };
    return train(resolveConfig(config, "test"), { out: folder, stream: { write: () => true }, peakFlops: 1e11 });
  };

  it("has the word among its events, and does not begin with classes in another order", async () => {
    const folder = newFolder();
    await run(folder, ["a", "b", "c"]);
    expect(readEvents(folder)).toContainEqual(
      expect.objectContaining({
        step: 0,
        kind: "unknown-classes",
        text: expect.stringContaining('"a", number 0, counts as "red"'),
      }),
    );
    await expect(run(newFolder(), ["green", "red", "azure"])).rejects.toThrow('"green" is number 0, and 1');
  });
});
