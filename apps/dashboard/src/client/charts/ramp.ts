import { scaleLinear } from "d3-scale";

/** Dark to light through one change of hue ("mako" of seaborn, 9 stops): even in lightness, so it also works without colour vision. */
const stops = ["#1b1326", "#2f1f45", "#3b2f6b", "#3f4a8a", "#3b6a9c", "#3c8aa8", "#4aabae", "#7fcdb0", "#def5e5"];

/** A colour scale over an extent; logarithmic where the values span more than two powers of ten. */
export function ramp([low, high]: readonly [number, number]): { color: (value: number) => string; isLog: boolean } {
  const isLog = low > 0 && high / low > 100;
  const place = isLog ? Math.log : (value: number) => value;
  const [begin, end] = [place(low), place(high)];
  const domain = stops.map((_, i) => begin + ((end - begin) * i) / (stops.length - 1));
  const inner = scaleLinear<string>().domain(domain).range(stops).clamp(true);
  return { color: (value) => (begin === end ? stops[4]! : inner(place(value))), isLog };
}

/** Whether black text stands out more than white on a colour of the ramp, at a share of 0 … 1; either then does by 4.5 : 1. */
export const isLight = (share: number) => share > 0.575;
