import { requireInteger, requireOneOf } from "../checks.ts";
import { sharedInt32 } from "../files/shared.ts";
import { mostPixels } from "../image.ts";
import { labelSetsOf } from "../label-sets.ts";
import { renderScene, renderSilhouette } from "../shapes/render.ts";
import {
  backgroundNames,
  groupNames,
  type SceneStatistics,
  sceneFacts,
  sceneKey,
  shapeNames,
  textureNames,
} from "../shapes/scene.ts";
import { type Catalog, defineSource } from "../source.ts";

/** Options of {@link generatedShapes}. */
export interface GeneratedShapesOptions extends Partial<SceneStatistics> {
  /** Number of images; a multiple of 16 has equally many of each class. */
  readonly length: number;
  /** Height and width in pixels. */
  readonly side: number;
  /** Images of different seeds have nothing in common: give training and test sets different ones. Default 0. */
  readonly seed?: number;
  /**
   * What an image is labelled with: its `shape`, one of 16 classes, or `everything` in it, its texture, background and light beside the
   * shape: four of 38 classes. Default `shape`.
   */
  readonly labels?: "shape" | "everything";
  /** `silhouette` draws shapes in black on white, with no texture, background or light. Default `full`. */
  readonly look?: "full" | "silhouette";
}

/** A picture of more pixels is not decoded either. */
const mostSide = Math.sqrt(mostPixels);

const defaults = { seed: 0, textureCorrelation: 0, cueConflict: false, groupShare: 0.5, groupCorrelation: 0 };

/**
 * The project's own images: one of 16 shapes with one of 16 textures on one of 4 backgrounds, in warm or cool light.
 *
 * Made, not stored: image i is a function of the seed and i. What the classes, textures and groups have to do with each
 * other is chosen by the options, so that questions about a trained model have known answers: does it look at shape or
 * texture (train with `textureCorrelation`, test with `cueConflict`), and does it serve a rare group as well as a frequent
 * one (`groupShare`, `groupCorrelation`)? The class is the shape; texture, the class that it
 * goes with, background and group are attributes, or further classes.
 */
export const generatedShapes = defineSource("generatedShapes", {
  options: {
    length: true,
    side: true,
    seed: true,
    labels: true,
    look: true,
    textureCorrelation: true,
    cueConflict: true,
    groupShare: true,
    groupCorrelation: true,
  },

  catalog({
    length,
    side,
    seed,
    labels: labelled = "shape",
    look = "full",
    ...given
  }: GeneratedShapesOptions): Catalog {
    requireInteger("length of generatedShapes", length, 1);
    requireInteger("side of generatedShapes", side, 8, mostSide);
    requireOneOf("labels of generatedShapes", labelled, ["shape", "everything"]);
    requireOneOf("look of generatedShapes", look, ["full", "silhouette"]);
    const statistics = { ...defaults, ...given, seed: seed ?? 0 };
    for (const option of ["textureCorrelation", "groupShare", "groupCorrelation"] as const) {
      if (!(statistics[option] >= 0 && statistics[option] <= 1)) {
        throw new RangeError(`generatedShapes ${option} is ${statistics[option]}; give a share from 0 to 1`);
      }
    }
    const [labels, texture, background, group] = [0, 1, 2, 3].map(() => sharedInt32(length)) as FourColumns;
    for (let index = 0; index < length; index++) {
      const facts = sceneFacts(index, statistics);
      labels[index] = facts.shape;
      texture[index] = facts.texture;
      background[index] = facts.background;
      group[index] = facts.group;
    }
    return {
      ...(labelled === "shape" ? { classes: shapeNames, labels } : everything([labels, texture, background, group])),
      attributes: {
        texture: { values: textureNames, of: texture },
        // Texture i goes with shape i: the class that the texture speaks for.
        "texture-class": { values: shapeNames, of: texture },
        background: { values: backgroundNames, of: background },
        group: { values: groupNames, of: group },
      },
    };
  },

  open({ side, seed = 0, look = "full" }, { labels, attributes }) {
    const render = look === "full" ? renderScene : renderSilhouette;
    const at = (name: string, index: number) => attributes?.[name]?.of[index] ?? 0;
    return {
      read(index) {
        const facts = {
          shape: labels[index]!,
          texture: at("texture", index),
          background: at("background", index),
          group: at("group", index),
        };
        return render(facts, sceneKey(seed, index), side);
      },
      nameOf: (index) => `shape #${index} (${shapeNames[labels[index]!]}, ${textureNames[at("texture", index)]})`,
      async close() {},
    };
  },
});

/** The names of all that is in images. */
const names = [shapeNames, textureNames, backgroundNames, groupNames];

/** The classes of images that are labelled with all of four columns, shape first. */
function everything(columns: FourColumns): Required<Pick<Catalog, "classes" | "labels" | "labelSets">> {
  const numbers = columns[0].length * columns.length;
  const firsts = names.map((_, column) => names.slice(0, column).flat().length);
  const all = Int32Array.from({ length: numbers }, (_, at) => {
    const column = at % columns.length;
    return firsts[column]! + columns[column]![Math.floor(at / columns.length)]!;
  });
  return { classes: names.flat(), ...labelSetsOf(all, new Array<number>(columns[0].length).fill(columns.length)) };
}

type FourColumns = [Int32Array, Int32Array, Int32Array, Int32Array];
