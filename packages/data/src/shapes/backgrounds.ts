import { cellNoise, smoothNoise } from "./noise.ts";

/** How light a background is at (x, y), both 0 to 1, relative to its colour: -1 to 1. */
export type Background = (x: number, y: number, seed: number) => number;

/** The kinds of background. */
export const backgrounds = {
  plain: () => 0,
  gradient: (x, y, seed) => {
    const angle = 2 * Math.PI * cellNoise(seed, 0, 0);
    return 1.6 * ((x - 0.5) * Math.cos(angle) + (y - 0.5) * Math.sin(angle));
  },
  clouds: (x, y, seed) => smoothNoise(seed, 4 * x, 4 * y) * 0.7 + smoothNoise(seed + 1, 9 * x, 9 * y) * 0.4,
  patchwork: (x, y, seed) => {
    const angle = Math.PI * cellNoise(seed, 0, 0);
    const [u, v] = [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
    return 1.8 * cellNoise(seed, Math.floor(5 * u), Math.floor(5 * v)) - 0.9;
  },
} satisfies Record<string, Background>;
