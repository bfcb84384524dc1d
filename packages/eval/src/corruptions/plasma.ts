import type { Random } from "@vitscale/data";

/**
 * A cloudy height map by the diamond-square algorithm on a torus, scaled to 0 to 1: [size, size].
 *
 * @param size a power of two
 * @param decay how much smaller the random part becomes with every halving: the larger, the smoother
 */
export function plasma(size: number, decay: number, random: Random): Float64Array {
  const map = new Float64Array(size * size);
  const at = (row: number, column: number) => map[(row % size) * size + (column % size)]!;
  let wobble = 100;
  const mean = (a: number, b: number, c: number, d: number) =>
    (a + b + (c + d)) / 4 + wobble * random.uniform(-wobble, wobble);
  for (let step = size; step >= 2; step /= 2) {
    const half = step / 2;
    const fill = (down: number, right: number, value: (row: number, column: number) => number) => {
      for (let row = down; row < size; row += step) {
        for (let column = right; column < size; column += step) map[row * size + column] = value(row, column);
      }
    };
    // Centres of squares from their corners, then centres of the edges from corners and centres.
    const corner = (row: number, column: number, i: number, j: number) =>
      at(row + i * half + size, column + j * half + size);
    fill(half, half, (r, c) =>
      mean(corner(r, c, -1, -1), corner(r, c, 1, -1), corner(r, c, -1, 1), corner(r, c, 1, 1)),
    );
    const diamond = (r: number, c: number) =>
      mean(corner(r, c, -1, 0), corner(r, c, 1, 0), corner(r, c, 0, -1), corner(r, c, 0, 1));
    fill(0, half, diamond);
    fill(half, 0, diamond);
    wobble /= decay;
  }
  const least = map.reduce((a, b) => Math.min(a, b));
  const most = map.reduce((a, b) => Math.max(a, b));
  return map.map((value) => (value - least) / (most - least));
}

/** The smallest power of two that is at least `length`. */
export function powerOfTwo(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}
