import { cellNoise, smoothNoise } from "./noise.ts";

/**
 * A texture: how far inside its ink a point (u, v) lies, in periods of the pattern; negative on the paper.
 *
 * A distance rather than a colour, so that the edge between ink and paper can be drawn smoothly at any resolution.
 */
export type Texture = (u: number, v: number, seed: number) => number;

/** Distance to the nearest whole number, 0 to 0.5. */
const wave = (x: number) => Math.abs(x - Math.floor(x + 0.5));
/** Length of a vector; `Math.hypot` guards against overflow at ten times the time. */
const length = (x: number, y: number) => Math.sqrt(x * x + y * y);
/** Offset from the middle of the cell, -0.5 to 0.5. */
const local = (x: number) => x - Math.floor(x) - 0.5;

/** The sixteen textures, in the order of the shapes that they go with. */
export const textures = {
  stripes: (u) => wave(u) - 0.25,
  checks: (u, v) => {
    const [a, b] = [wave(0.75 * u) - 0.25, wave(0.75 * v) - 0.25];
    return Math.sign(a * b) * Math.min(Math.abs(a), Math.abs(b));
  },
  dots: (u, v) => 0.31 - length(local(u), local(v)),
  rings: (u, v) => wave(length(u, v)) - 0.25,
  rays: (u, v) => {
    const rays = 12;
    // The angle between rays, made a distance by the radius.
    return (wave((Math.atan2(v, u) * rays) / (2 * Math.PI)) - 0.25) * Math.min(1.2, length(u, v) / 2);
  },
  waves: (u, v) => wave(v + 0.35 * Math.sin(2.2 * u)) - 0.25,
  zigzag: (u, v) => wave(v + 1.3 * wave(0.6 * u)) - 0.25,
  bricks: (u, v) => {
    const row = Math.floor(1.6 * v);
    const mortar = Math.min(0.5 - Math.abs(local(1.6 * v)), (0.5 - Math.abs(local(0.7 * u + 0.5 * (row & 1)))) * 2);
    return (mortar - 0.14) / 1.6;
  },
  grid: (u, v) => 0.16 - Math.min(wave(u), wave(v)),
  crosses: (u, v) => {
    const [a, b] = [Math.abs(local(u)), Math.abs(local(v))];
    return Math.max(Math.min(0.36 - a, 0.13 - b), Math.min(0.13 - a, 0.36 - b));
  },
  triangles: (u, v) => {
    const height = v;
    const row = height - Math.floor(height);
    return 0.42 * row - wave(u + 0.5 * (Math.floor(height) & 1)) + 0.04;
  },
  scales: (u, v) => {
    // Rows of overlapping discs; the rim of the one in front is ink.
    const row = Math.floor(1.4 * v);
    const below = 1.4 * v - row;
    const front = length(local(u + 0.5 * (row & 1)), below * 0.7);
    const behind = length(local(u + 0.5 * ((row + 1) & 1)), (below + 1) * 0.7);
    const radius = front < 0.5 ? front : behind;
    return 0.13 - Math.abs((radius < 0.52 ? radius : 2 * 0.5 - radius) - 0.44);
  },
  honeycomb: (u, v) => {
    // The nearer of two hexagon lattices, then the distance to the border with the next cell.
    const sqrt3 = Math.sqrt(3);
    const [x, y] = [1.25 * u, 1.25 * v];
    const [ax, ay] = [local(x), local(y / sqrt3) * sqrt3];
    const [bx, by] = [local(x - 0.5), local(y / sqrt3 - 0.5) * sqrt3];
    const [dx, dy] = ax * ax + ay * ay < bx * bx + by * by ? [ax, ay] : [bx, by];
    const border = 0.5 - Math.max(Math.abs(dx), 0.5 * Math.abs(dx) + (sqrt3 / 2) * Math.abs(dy));
    return (0.12 - border) / 1.25;
  },
  blotches: (u, v, seed) => 0.3 * (smoothNoise(seed, 1.3 * u, 1.3 * v) + 0.5 * smoothNoise(seed + 1, 2.6 * u, 2.6 * v)),
  speckle: (u, v, seed) => (cellNoise(seed, Math.floor(3 * u), Math.floor(3 * v)) < 0.4 ? 0.3 : -0.3),
  marble: (u, v, seed) => 0.12 - wave(0.6 * u + 1.1 * smoothNoise(seed, 1.1 * u, 1.1 * v)) * 0.6,
} satisfies Record<string, Texture>;
