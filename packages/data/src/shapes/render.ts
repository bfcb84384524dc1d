import { type ByteImage, byteImage, toByte } from "../image.ts";
import { Random } from "../random/random.ts";
import { foldName, type Key } from "../random/threefry.ts";
import { backgrounds } from "./backgrounds.ts";
import { coverage, type Placement } from "./coverage.ts";
import { cellNoise } from "./noise.ts";
import { outlines } from "./outlines.ts";
import { backgroundNames, type SceneFacts, shapeNames, textureNames } from "./scene.ts";
import { type Texture, textures } from "./textures.ts";

/** Red, green, blue from 0 to 1. */
type Colour = readonly [number, number, number];

/** What each group's light does to red, green and blue. */
const lights: readonly Colour[] = [
  [1, 0.84, 0.55],
  [0.6, 0.84, 1],
];

/** Standard deviation of the grain of a picture, in bytes. */
const grain = 4;

/**
 * Draws a scene as an RGB image of `side` x `side` pixels.
 *
 * Colours are random and carry no information about the class: shape and texture do. The shape is always on the other side
 * of middle grey than the background, so that it can be seen on any.
 */
export function renderScene(facts: SceneFacts, key: Key, side: number): ByteImage {
  const random = new Random(foldName(key, "looks"));
  const covered = coverage(outlines[shapeNames[facts.shape]!], placeShape(random, side), side);

  const dark = random.chance(0.5);
  const luma = (low: number, high: number) => random.uniform(dark ? low : 1 - low, dark ? high : 1 - high);
  const base = colour(random, luma(0.1, 0.24), 0.3);
  const ink = colour(random, luma(0.44, 0.54), 0.5);
  const paper = colour(random, luma(0.9, 0.99), 0.22);
  const light = lights[facts.group]!;

  const background = backgrounds[backgroundNames[facts.background]!];
  const texture: Texture = textures[textureNames[facts.texture]!];
  const toTexture = placeTexture(random, side);
  const pixelsPerPeriod = 1 / Math.hypot(toTexture.xx, toTexture.yx);
  const seed = random.bits() | 0;

  const image = byteImage(side, side, 3);
  for (let row = 0, pixel = 0; row < side; row++) {
    for (let column = 0; column < side; column++, pixel++) {
      const [x, y] = [column + 0.5, row + 0.5];
      const share = covered[pixel]!;
      const shade = share < 1 ? 0.11 * background(x / side, y / side, seed) : 0;
      let tone = 0;
      if (share > 0) {
        const u = toTexture.xx * x + toTexture.xy * y + toTexture.x0;
        const v = toTexture.yx * x + toTexture.yy * y + toTexture.y0;
        tone = Math.max(0, Math.min(1, 0.5 + texture(u, v, seed) * pixelsPerPeriod));
      }
      const noise = grain * 2 * (cellNoise(seed, column, row) + cellNoise(seed + 7, column, row) - 1);
      for (let channel = 0; channel < 3; channel++) {
        const figure = paper[channel]! + tone * (ink[channel]! - paper[channel]!);
        const ground = base[channel]! + shade;
        image.data[3 * pixel + channel] = toByte(255 * light[channel]! * (ground + share * (figure - ground)) + noise);
      }
    }
  }
  return image;
}

/** The shape of a scene in black on white: no texture, no background, no light. */
export function renderSilhouette({ shape }: SceneFacts, key: Key, side: number): ByteImage {
  const covered = coverage(outlines[shapeNames[shape]!], placeShape(new Random(foldName(key, "looks")), side), side);
  const image = byteImage(side, side, 3);
  for (let i = 0; i < image.data.length; i++) image.data[i] = toByte(255 * (1 - covered[Math.floor(i / 3)]!));
  return image;
}

/** Somewhere in the image, wholly visible or nearly so; turned, stretched, sheared and mirrored a little. */
function placeShape(random: Random, side: number): Placement {
  const radius = side * random.uniform(0.27, 0.41);
  const angle = random.uniform(-0.5, 0.5);
  const stretch = random.uniform(0.88, 1.14);
  const shear = random.uniform(-0.15, 0.15);
  const mirror = random.chance(0.5) ? -1 : 1;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const [a, b] = [mirror * stretch * radius, shear * radius];
  const c = radius / stretch;
  return {
    xx: cosine * a,
    xy: cosine * b - sine * c,
    x0: random.uniform(radius, side - radius),
    yx: sine * a,
    yy: sine * b + cosine * c,
    y0: random.uniform(radius, side - radius),
  };
}

/** From pixels to periods of a texture, about the middle of the image: 4.5 to 6.5 periods across, turned a little. */
function placeTexture(random: Random, side: number): Placement {
  const periods = random.uniform(4.5, 6.5) / side;
  const angle = random.uniform(-0.5, 0.5);
  const [cosine, sine] = [periods * Math.cos(angle), periods * Math.sin(angle)];
  const middle = side / 2;
  const jitter = () => random.uniform(-0.5, 0.5);
  return {
    xx: cosine,
    xy: -sine,
    x0: -(cosine - sine) * middle + jitter(),
    yx: sine,
    yy: cosine,
    y0: -(sine + cosine) * middle + jitter(),
  };
}

/** A colour of random hue with a given luma (0 to 1) and strength of colour. */
function colour(random: Random, luma: number, strength: number): Colour {
  const hue = random.uniform(0, 6);
  const channel = (offset: number) => Math.max(0, Math.min(1, Math.abs(((hue + offset) % 6) - 3) - 1));
  const [red, green, blue] = [channel(0), channel(4), channel(2)];
  const own = 0.299 * red + 0.587 * green + 0.114 * blue;
  const tint = (value: number) => Math.max(0, Math.min(1, luma + strength * (value - own)));
  return [tint(red), tint(green), tint(blue)];
}
