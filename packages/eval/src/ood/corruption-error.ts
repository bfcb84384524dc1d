import { didYouMean } from "@vitscale/core";
import { mean } from "../statistics/index.ts";

/** The 15 corruptions of ImageNet-C in its own order and under the names of its folders. */
export const benchmarkCorruptions = [
  "gaussian_noise",
  "shot_noise",
  "impulse_noise",
  "defocus_blur",
  "glass_blur",
  "motion_blur",
  "zoom_blur",
  "snow",
  "frost",
  "fog",
  "brightness",
  "contrast",
  "elastic_transform",
  "pixelate",
  "jpeg_compression",
] as const;

/** One of the 15 corruptions that make the benchmark. */
export type BenchmarkCorruption = (typeof benchmarkCorruptions)[number];

/** Errors of a model as shares: on clean images, and for each corruption at severities 1 to 5 (or one mean over them). */
export interface CorruptionErrors {
  /** Only the relative errors need it. */
  readonly clean?: number;
  readonly corrupted: Readonly<Record<string, readonly number[]>>;
}

/**
 * AlexNet's errors, by which those of others are divided: means over the five severities.
 *
 * Hendrycks and Dietterich, "Benchmarking neural network robustness", ICLR 2019; digits as in google-research/robustness_metrics,
 * `reports/imagenet_variants.py`.
 */
export const alexNetErrors: CorruptionErrors = {
  clean: 0.4348,
  corrupted: {
    gaussian_noise: [0.886],
    shot_noise: [0.894],
    impulse_noise: [0.923],
    defocus_blur: [0.82],
    glass_blur: [0.826],
    motion_blur: [0.786],
    zoom_blur: [0.798],
    snow: [0.867],
    frost: [0.827],
    fog: [0.819],
    brightness: [0.565],
    contrast: [0.853],
    elastic_transform: [0.646],
    pixelate: [0.718],
    jpeg_compression: [0.607],
  },
};

/** What corruptions do to a model, in percent of what they do to the baseline. */
export interface CorruptionScore {
  /** Mean of `of[…].error`, mCE. */
  readonly mean: number;
  /** Mean of `of[…].relative`; both are NaN where the clean error is not known. */
  readonly relativeMean: number;
  readonly of: Readonly<Record<string, { readonly error: number; readonly relative: number }>>;
}

/**
 * Mean corruption error and relative mean corruption error.
 *
 * CE_c = 100 · mean_s E_cs / mean_s B_cs, and relative CE_c = 100 · (mean_s E_cs − E) / (mean_s B_cs − B) with the errors E of a model
 * and B of the baseline, on corruption c at severity s and on clean images. Both means are over the corruptions of `errors`.
 *
 * @param errors shares of wrong images, 0 to 1
 * @param baseline AlexNet on ImageNet-C unless given
 * @throws RangeError for shares outside of 0 to 1, another number of severities than 1 or 5, and corruptions that the baseline lacks
 */
export function corruptionError(errors: CorruptionErrors, baseline: CorruptionErrors = alexNetErrors): CorruptionScore {
  const names = Object.keys(errors.corrupted);
  if (names.length === 0) throw new RangeError("no errors on any corruption; give one list for each");
  if (errors.clean !== undefined) requireShare(errors.clean, "the clean error");
  const [clean, otherClean] = [errors.clean ?? Number.NaN, baseline.clean ?? Number.NaN];
  const of = Object.fromEntries(
    names.map((name) => {
      const others = baseline.corrupted[name];
      if (others === undefined) {
        const known = Object.keys(baseline.corrupted);
        throw new RangeError(
          `the baseline has no error for corruption "${name}"${didYouMean(name, known)}; it has ${known.join(", ")}`,
        );
      }
      const [own, other] = [meanOverSeverities(errors, name), meanOverSeverities(baseline, name)];
      return [name, { error: (100 * own) / other, relative: (100 * (own - clean)) / (other - otherClean) }];
    }),
  );
  return {
    mean: mean(names.map((name) => of[name]!.error)),
    relativeMean: mean(names.map((name) => of[name]!.relative)),
    of,
  };
}

function meanOverSeverities({ corrupted }: CorruptionErrors, name: string): number {
  const shares = corrupted[name]!;
  if (shares.length !== 1 && shares.length !== 5) {
    throw new RangeError(
      `corruption "${name}" has errors at ${shares.length} severities; give five, or one mean of them`,
    );
  }
  for (const [index, share] of shares.entries()) requireShare(share, `the error on "${name}" at severity ${index + 1}`);
  return mean(shares);
}

function requireShare(share: number, what: string): void {
  if (share >= 0 && share <= 1) return;
  throw new RangeError(`${what} is ${share}; give shares of wrong images, 0 to 1 (percent divided by 100)`);
}
