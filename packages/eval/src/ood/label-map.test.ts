import { describe, expect, it } from "vitest";
import {
  composeLabelMaps,
  identityMap,
  labelMap,
  labelMapByName,
  mapDatasetClasses,
  parseLabelMap,
} from "./label-map.ts";
import { imagenetA } from "./maps/imagenet-a.ts";
import { imagenetClassNames } from "./maps/imagenet-names.ts";
import { imagenetR } from "./maps/imagenet-r.ts";
import { objectNet } from "./maps/object-net.ts";

const pets = { name: "pets", sourceClasses: 4, classes: ["cat", "dog"], sources: [[0, 1], [3]] };

describe("label maps", () => {
  it("come from JSON", () => {
    const text = JSON.stringify({ name: "pets", sourceClasses: 4, classes: { cat: [0, 1], dog: [3] } });
    expect(parseLabelMap(text)).toEqual(pets);
  });

  it("keep the order of names that are numbers, as a list or where they are the labels", () => {
    const list = '{"sourceClasses": 4, "classes": [["2012", [0]], ["7", [1, 2]]]}';
    expect(parseLabelMap(list)).toMatchObject({ classes: ["2012", "7"], sources: [[0], [1, 2]] });
    const labels = '{"sourceClasses": 4, "classes": {"0": [3], "1": [2]}}';
    expect(parseLabelMap(labels)).toMatchObject({ classes: ["0", "1"], sources: [[3], [2]] });
    expect(() => parseLabelMap('{"sourceClasses": 4, "classes": {"2012": [0], "7": [1, 2]}}', "years.json")).toThrow(
      'years.json has a class "7", and JSON objects lose the order of names that are numbers; give classes as a list',
    );
  });

  it.each([
    ["[]", 'pets.json needs {"sourceClasses": 1000, "classes": {"class name": [numbers of the model\'s classes], …}}'],
    ['{"sourceClasses": 4, "classes": {"cat": 3}}', 'class "cat" is 3'],
    ["{", "pets.json is no JSON"],
    ['{"sourceClasses": 4, "classes": {"cat": [4]}}', 'class "cat" has source 4; give integers from 0 to 3'],
    ['{"sourceClasses": 4, "classes": {"cat": []}}', 'class "cat" has no source; give one or more'],
    ['{"sourceClasses": 4, "classes": {"cat": [1], "dog": [1]}}', 'source 1 stands for "cat" and for "dog"'],
  ])("explain what is wrong with %s", (text, message) => {
    expect(() => parseLabelMap(text, "pets.json")).toThrow(message);
  });

  it("join label spaces that share names", () => {
    const map = labelMapByName(["Tabby_cat", "crane", "crane", "T-shirt"], ["t shirt", "tabby cat"], "clothes");
    expect(map.sources).toEqual([[3], [0]]);
    expect(() => labelMapByName(["goldfish", "dog"], ["goldfsh"])).toThrow(
      'the model has no class "goldfsh"; did you mean "goldfish"?',
    );
    expect(() => labelMapByName(["crane", "Crane"], ["crane"])).toThrow('the model has 2 classes "crane" (0,1)');
  });

  it("follow one another", () => {
    const animals = labelMap({ name: "any pet", sourceClasses: 2, classes: ["pet"], sources: [[0, 1]] });
    expect(composeLabelMaps(pets, animals)).toMatchObject({ sourceClasses: 4, sources: [[0, 1, 3]] });
    expect(composeLabelMaps(identityMap(["a", "b", "c", "d"]), pets).sources).toEqual(pets.sources);
    expect(() => composeLabelMaps(animals, pets)).toThrow("any pet leads to 1 classes, but pets begins with 4");
  });

  it("find the classes of a data set's folders", () => {
    expect([...mapDatasetClasses(["winter_glove", "air_freshener", "Alarm Clock"], objectNet)]).toEqual([111, -1, 0]);
    expect(() => mapDatasetClasses(["square", "star"], objectNet)).toThrow(
      'none of the 2 classes of the data set ("square", …) is in label map objectnet, whose classes are "alarm_clock", "backpack", …',
    );
  });
});

describe("published label maps", () => {
  it("have the counts of their papers", () => {
    expect([imagenetA.classes.length, imagenetR.classes.length, objectNet.classes.length]).toEqual([200, 200, 113]);
    const sizes = objectNet.sources.map((list) => list.length);
    expect([1, 2, 3].map((size) => sizes.filter((other) => other === size).length)).toEqual([104, 6, 3]);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(125);
    // Cranes and maillots are told apart by these names; missiles and sunglasses are not.
    expect(new Set(imagenetClassNames).size).toBe(998);
    expect([0, 134, 517, 999].map((label) => imagenetClassNames[label])).toEqual([
      "tench",
      "crane bird",
      "construction crane",
      "toilet paper",
    ]);
  });
});
