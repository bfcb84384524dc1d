import { type SymbolType, symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle } from "d3-shape";

const shapes: readonly SymbolType[] = [symbolCircle, symbolDiamond, symbolSquare, symbolTriangle];

/** Colour of an observer or a series by its place: humans are told from models by shape and colour. */
export const markColor = (index: number) => `var(--series-${index % 10})`;

/** The mark of an observer; shapes differ, so colour is not needed to tell them apart. */
export function Mark({
  index,
  x,
  y,
  title,
}: {
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly title: string;
}) {
  return (
    <path
      class="mark-shape"
      transform={`translate(${x.toFixed(1)},${y.toFixed(1)})`}
      d={symbol(shapes[index % shapes.length], 64)() ?? ""}
      fill={markColor(index)}
    >
      <title>{title}</title>
    </path>
  );
}

/** Names of observers beside their marks. */
export function MarkLegend({ names }: { readonly names: readonly string[] }) {
  return (
    <ul class="legend small">
      {names.map((name, index) => (
        <li key={name}>
          <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
            <Mark index={index} x={0} y={0} title={name} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
