import { Random } from "../random/random.ts";
import { fold, foldName, type Key, keyOf } from "../random/threefry.ts";
import { backgrounds } from "./backgrounds.ts";
import { outlines } from "./outlines.ts";
import { textures } from "./textures.ts";

/** Names of the shapes, in label order. */
export const shapeNames = Object.keys(outlines) as readonly (keyof typeof outlines)[];
/** Names of the textures; texture i goes with shape i. */
export const textureNames = Object.keys(textures) as readonly (keyof typeof textures)[];
/** Names of the backgrounds. */
export const backgroundNames = Object.keys(backgrounds) as readonly (keyof typeof backgrounds)[];
/** The two groups: the light in which a picture is taken. */
export const groupNames = ["warm", "cool"] as const;

/** How the facts about the images of a set hang together. */
export interface SceneStatistics {
  readonly seed: number;
  /** Share of images whose texture is the one that goes with the shape; the others have any of the sixteen. */
  readonly textureCorrelation: number;
  /** Every texture is one that goes with another shape. */
  readonly cueConflict: boolean;
  /** Share of the group "cool". */
  readonly groupShare: number;
  /** Share of images whose group follows the shape: "warm" for the first eight, "cool" for the others. */
  readonly groupCorrelation: number;
}

/** What is in an image, as numbers of names. */
export interface SceneFacts {
  readonly shape: number;
  readonly texture: number;
  readonly background: number;
  readonly group: number;
}

/** The key of one image: all that is random in it. */
export function sceneKey(seed: number, index: number): Key {
  return fold(foldName(keyOf(seed), "generated shapes"), index);
}

/** What is in image `index`. Shapes take turns, so that any sixteen neighbours have one of each. */
export function sceneFacts(index: number, statistics: SceneStatistics): SceneFacts {
  const random = new Random(foldName(sceneKey(statistics.seed, index), "facts"));
  const shape = index % shapeNames.length;
  // Every draw is made whatever the options, so that changing one option changes one fact.
  const tied = random.chance(statistics.textureCorrelation);
  const anyTexture = random.integer(textureNames.length);
  const otherTexture = (shape + 1 + random.integer(textureNames.length - 1)) % textureNames.length;
  const background = random.integer(backgroundNames.length);
  const follows = random.chance(statistics.groupCorrelation);
  const anyGroup = random.chance(statistics.groupShare) ? 1 : 0;
  return {
    shape,
    texture: statistics.cueConflict ? otherTexture : tied ? shape : anyTexture,
    background,
    group: follows ? (shape < shapeNames.length / 2 ? 0 : 1) : anyGroup,
  };
}
