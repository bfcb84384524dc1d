/** One experiment of the benchmark: a data set that people and models have classified. */
export interface Experiment {
  /** Name of the data set, and of its folder in the toolbox. */
  readonly name: string;
  /**
   * Conditions that count, in the order of rising distortion. Left out are the undistorted one and those in which people are right
   * on less than 20 %. Undefined where all trials are one condition, whatever their column says.
   */
  readonly conditions?: readonly string[];
  /** Whether the benchmark does not know the data set: all conditions that its answers have then count. */
  readonly isForeign?: boolean;
  /** How its files write conditions that are meant to be equal. */
  readonly spelling?: "number" | "truth";
}

/**
 * The seventeen data sets of model-vs-human (Geirhos et al., "Partial success in closing the gap between human and machine vision",
 * NeurIPS 2021, with the conditions of `datasets/experiments.py` @79ed7cd).
 */
export const experiments: readonly Experiment[] = [
  { name: "colour", conditions: ["bw"] },
  { name: "contrast", conditions: ["c50", "c30", "c15", "c10", "c05"] },
  { name: "high-pass", conditions: ["3.0", "1.5", "1.0", "0.7"], spelling: "number" },
  { name: "low-pass", conditions: ["1", "3", "5", "7", "10"] },
  { name: "phase-scrambling", conditions: ["30", "60", "90", "120"] },
  { name: "power-equalisation", conditions: ["pow"] },
  { name: "false-colour", conditions: ["False"], spelling: "truth" },
  { name: "rotation", conditions: ["90", "180", "270"] },
  { name: "eidolonI", conditions: ["2-10-10", "4-10-10", "8-10-10", "16-10-10", "32-10-10"] },
  { name: "eidolonII", conditions: ["2-3-10", "4-3-10", "8-3-10", "16-3-10"] },
  { name: "eidolonIII", conditions: ["2-0-10", "4-0-10", "8-0-10"] },
  { name: "uniform-noise", conditions: ["0.03", "0.05", "0.1", "0.2", "0.35"], spelling: "number" },
  { name: "sketch" },
  { name: "stylized" },
  { name: "edge" },
  { name: "silhouette" },
  { name: "cue-conflict" },
];

/** The experiment of a data set; with whatever conditions it has where the benchmark does not know it. */
export function experimentOf(name: string): Experiment {
  return experiments.find((experiment) => experiment.name === name) ?? { name, isForeign: true };
}

/**
 * A condition as the benchmark writes it: `3` is `3.0`, `0.90` is `0.9`, `false` is `False`; empty where there is but one. Conditions of a data set
 * that it does not know stay as they are, but that equal numbers are written alike, `0.90` as `0.9`.
 */
export function spellCondition({ conditions, spelling, isForeign = false }: Experiment, text: string): string {
  if (isForeign) return foreignCondition(text);
  if (conditions === undefined) return "";
  if (spelling === "truth") return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
  if (spelling !== "number" || text === "inf") return text;
  const value = Number(text);
  return Number.isInteger(value) ? value.toFixed(1) : `${value}`;
}

/** People's answers write what a table of predictions may hold as a number; none, as toolbox files say it, is `NaN`. */
function foreignCondition(text: string): string {
  if (text === "" || text.toLowerCase() === "nan") return "";
  const value = Number(text);
  return Number.isFinite(value) ? `${value}` : text;
}

/** Parts of an image's name in the toolbox, at least: trial, experiment, observer, condition, category, number, image. */
const toolboxParts = 7;

/**
 * What makes an image the same for all observers: the last part of its file's name, which begins with the trial's number and the observer; for
 * images of ImageNet the last two (`0000_cl_s01_bw_boat_40_n02951358_5952.JPEG` is `n02951358_5952.JPEG`). In a data set that the benchmark does
 * not know, names of another form are what they are: `cat_1.jpg` is not `dog_1.jpg`.
 */
export function imageIdentity(name: string, { isForeign = false }: Pick<Experiment, "isForeign"> = {}): string {
  const file = name.split("/").at(-1)!;
  const parts = file.split("_");
  if (isForeign && (parts.length < toolboxParts || !/^\d+$/.test(parts[0]!))) return file;
  return parts.at(-2)?.startsWith("n0") ? parts.slice(-2).join("_") : parts.at(-1)!;
}

/** The category of the texture of a cue-conflict image: `bicycle` of `airplane1-bicycle2.png`. */
export function textureOf(image: string): string {
  return cuesOf(image).at(-1)!.replace(/\d+/g, "");
}

/** Whether an image is called as those of cue-conflict are, by two numbered categories: `airplane1-bicycle2.png`. */
export function isNamedByCues(image: string): boolean {
  const cues = cuesOf(image);
  return cues.length === 2 && cues.every((cue) => /^[a-z]+\d+$/.test(cue));
}

function cuesOf(image: string): string[] {
  return imageIdentity(image).split(".")[0]!.split("-");
}

/** Images of no data set that was named. */
export const unnamedSet = "images";
