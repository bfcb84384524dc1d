/** A place on an axis: a number, or one of the names of a {@link band}. */
export type Place = number | string;

/** How values become places along an axis. */
export interface Scale {
  /** Where a value lies: 0 at the start of the axis, 1 at its end. */
  position(value: Place): number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** Share of the axis that belongs to one name of a band; 0 where values are numbers. */
  readonly step: number;
}

/** Options of axes of numbers. */
export interface NumberScaleOptions {
  /** About how many ticks; 5 by default. */
  readonly ticks?: number;
  readonly format?: (value: number) => string;
}

/**
 * Even steps. The axis begins and ends exactly at the domain; ticks are multiples of 1, 2 or 5 times a power of ten.
 *
 * @throws RangeError for a domain that is no range of finite numbers.
 */
export function linear(domain: readonly [number, number], options: NumberScaleOptions = {}): Scale {
  const [low, high] = requireRange(domain);
  const { ticks = 5, format } = options;
  const step = niceStep((high - low) / ticks);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const position = (value: Place) => (requireNumber(value) - low) / (high - low);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return {
    position,
    step: 0,
    ticks: Array.from({ length: last - first + 1 }, (_, i) => {
      const value = (first + i) * step;
      return { at: position(value), text: format?.(value) ?? value.toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1") };
    }),
  };
}

/**
 * Equal ratios take equal room; ticks at powers of ten.
 *
 * @throws RangeError for a domain that is not positive.
 */
export function logarithmic(domain: readonly [number, number], { format = String }: NumberScaleOptions = {}): Scale {
  const [low, high] = requireRange(domain);
  if (low <= 0) throw new RangeError(`a logarithmic axis begins at ${low}; it must begin above 0`);
  const position = (value: Place) => Math.log(requireNumber(value) / low) / Math.log(high / low);
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return {
    position,
    step: 0,
    ticks: Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
      const value = 10 ** (first + i);
      return { at: position(value), text: format(value) };
    }),
  };
}

/** An equal part of the axis for each name, in order; a name's place is the middle of its part. */
export function band(names: readonly string[]): Scale {
  const places = new Map(names.map((name, i) => [name, (i + 0.5) / names.length]));
  return {
    position(value) {
      const place = places.get(`${value}`);
      if (place === undefined) throw new RangeError(`"${value}" is not on the axis; it has ${names.join(", ")}`);
      return place;
    },
    step: 1 / names.length,
    ticks: [...places].map(([text, at]) => ({ at, text })),
  };
}

/** 1, 2 or 5 times a power of ten, the smallest that is not below the wish. */
function niceStep(wish: number): number {
  const power = 10 ** Math.floor(Math.log10(wish));
  return power * ([1, 2, 5].find((factor) => factor * power >= wish * (1 - 1e-9)) ?? 10);
}

function requireRange([low, high]: readonly [number, number]): readonly [number, number] {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new RangeError(`an axis from ${low} to ${high}; give two finite numbers, the lower first`);
  }
  return [low, high];
}

function requireNumber(value: Place): number {
  if (typeof value === "number") return value;
  throw new TypeError(`"${value}" on an axis of numbers; give a number, or use a band`);
}
