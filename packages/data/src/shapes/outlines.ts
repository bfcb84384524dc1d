/** Closed lines in the square from -1 to 1, x to the right and y down, as x, y, x, y, ...; holes run the other way round. */
export type Outline = readonly Float64Array[];

type Point = readonly [x: number, y: number];

const polygon = (...points: readonly Point[]): Float64Array => Float64Array.from(points.flat());

/** Points of a curve at `count` even steps of its parameter from `from` to `to`, ends included. */
function curve(at: (t: number) => Point, from: number, to: number, count = 40): Point[] {
  return Array.from({ length: count }, (_, i) => at(from + ((to - from) * i) / (count - 1)));
}

/** Points of a circle about (x, y), clockwise on the screen from angle `from` to `to`. */
function arc(radius: number, from: number, to: number, [x, y]: Point = [0, 0]): Point[] {
  return curve((t) => [x + radius * Math.cos(t), y + radius * Math.sin(t)], from, to);
}

const turn = 2 * Math.PI;

function star(): Point[] {
  return Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 === 0 ? 1 : 0.42;
    const angle = (i / 10) * turn - turn / 4;
    return [radius * Math.cos(angle), radius * Math.sin(angle) + 0.06];
  });
}

function crescent(): Point[] {
  // Circles of radius 0.95 about 0 and 0.72 about (0.42, 0) meet at this x.
  const [outer, inner, offset] = [0.95, 0.72, 0.42];
  const x = (outer ** 2 - inner ** 2 + offset ** 2) / (2 * offset);
  const outerAngle = Math.acos(x / outer);
  const innerAngle = Math.acos((x - offset) / inner);
  return [...arc(outer, outerAngle, turn - outerAngle), ...arc(inner, turn - innerAngle, innerAngle, [offset, 0])].map(
    ([px, py]) => [px + 0.15, py],
  );
}

function fish(): Point[] {
  const back = curve((t) => [-0.95 + 1.35 * t, -0.52 * Math.sin(Math.PI * t ** 0.75) - 0.1 * t], 0, 1);
  const tail: Point[] = [
    [0.95, -0.55],
    [0.76, 0],
    [0.95, 0.55],
  ];
  return [...back, ...tail, ...back.toReversed().map(([x, y]): Point => [x, -y])];
}

/** The sixteen classes of shapes, in label order. */
export const outlines = {
  disc: [polygon(...arc(0.88, 0, turn))],
  ring: [polygon(...arc(0.95, 0, turn)), polygon(...arc(0.52, turn, 0))],
  crescent: [polygon(...crescent())],
  dome: [polygon(...arc(1, turn / 2, turn, [0, 0.45]))],
  heart: [
    polygon(
      ...curve(
        (t) => {
          const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
          return [Math.sin(t) ** 3 * 0.98, -y / 16.5 - 0.1];
        },
        0,
        turn,
        64,
      ),
    ),
  ],
  drop: [polygon(...curve((t) => [0.88 * Math.sin(t) * Math.sin(t / 2) ** 1.6, -Math.cos(t)], 0, turn, 64))],
  leaf: [
    polygon(
      ...curve((t) => [0.46 * Math.sin(Math.PI * t), 2 * t - 1], 0, 1),
      ...curve((t) => [-0.46 * Math.sin(Math.PI * t), 2 * t - 1], 1, 0),
    ),
  ],
  square: [polygon([-0.78, -0.78], [0.78, -0.78], [0.78, 0.78], [-0.78, 0.78])],
  triangle: [polygon([0, -0.9], [0.98, 0.75], [-0.98, 0.75])],
  star: [polygon(...star())],
  cross: [
    polygon(
      [-0.3, -0.95],
      [0.3, -0.95],
      [0.3, -0.3],
      [0.95, -0.3],
      [0.95, 0.3],
      [0.3, 0.3],
      [0.3, 0.95],
      [-0.3, 0.95],
      [-0.3, 0.3],
      [-0.95, 0.3],
      [-0.95, -0.3],
      [-0.3, -0.3],
    ),
  ],
  arrow: [polygon([-0.95, -0.26], [0.05, -0.26], [0.05, -0.8], [0.98, 0], [0.05, 0.8], [0.05, 0.26], [-0.95, 0.26])],
  bolt: [polygon([0.3, -1], [-0.62, 0.18], [-0.08, 0.18], [-0.34, 1], [0.62, -0.24], [0.06, -0.24])],
  hourglass: [polygon([-0.75, -0.95], [0.75, -0.95], [0.12, 0], [0.75, 0.95], [-0.75, 0.95], [-0.12, 0])],
  flower: [
    polygon(
      ...curve(
        (t) => {
          const radius = 0.68 + 0.27 * Math.cos(6 * t);
          return [radius * Math.cos(t), radius * Math.sin(t)];
        },
        0,
        turn,
        96,
      ),
    ),
  ],
  fish: [polygon(...fish())],
} satisfies Record<string, Outline>;
