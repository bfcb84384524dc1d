import type { ComponentChildren, RefObject } from "preact";

/** A drawing as wide as its place; it begins once the width is known. `place` and `width` are those of `useWidth`. */
export function Plot(props: {
  readonly place: RefObject<HTMLDivElement | null>;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  const { place, width, height, label, children } = props;
  return (
    <div class="chart" ref={place}>
      {width > 0 && (
        <svg
          class="plot"
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={label}
        >
          {children}
        </svg>
      )}
    </div>
  );
}
