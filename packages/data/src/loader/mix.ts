import { fieldsOf, requireFields, requireOneOf } from "../checks.ts";
import { type Box, toByte } from "../image.ts";
import { Random } from "../random/random.ts";
import type { Key } from "../random/threefry.ts";

/** How the images of a batch are mixed: each row with the row before it, the first with the last, all by one coefficient. */
export interface Mix {
  readonly kind: "mixup" | "cutmix";
  /** The coefficient is drawn from Beta(alpha, alpha). */
  readonly alpha: number;
  /** Share of batches that are mixed. */
  readonly probability: number;
  /** Whether images and labels are mixed here, or the coefficient is handed to the training step, which does it. */
  readonly apply: "host" | "graph";
}

/** Options of {@link mixup} and {@link cutmix}. */
export interface MixOptions {
  readonly alpha?: number;
  readonly probability?: number;
}

/**
 * Mixup: images and labels are weighted means of two (Zhang et al. 2017, arXiv 1710.09412).
 *
 * As in big_vision: one coefficient a ~ Beta(alpha, alpha) for each batch, folded to a >= 1/2, and row i becomes
 * a row i + (1 - a) row i - 1. With `apply: "graph"` the batch carries `mix.coefficient` and images stay bytes.
 */
export function mixup({
  alpha = 0.2,
  probability = 1,
  apply = "host",
  ...unknown
}: MixOptions & { readonly apply?: Mix["apply"] } = {}): Mix {
  return requireMix({ kind: "mixup", alpha, probability, apply, ...unknown });
}

/**
 * CutMix: a rectangle comes from another image, labels are mixed by its area (Yun et al. 2019, arXiv 1905.04899).
 *
 * One rectangle for each batch; its sides are sqrt(1 - a) of the image's, a ~ Beta(alpha, alpha), its centre is anywhere, and
 * what lies outside the image is cut off before the area is taken.
 */
export function cutmix({ alpha = 1, probability = 1, ...unknown }: MixOptions = {}): Mix {
  return requireMix({ kind: "cutmix", alpha, probability, apply: "host", ...unknown });
}

/**
 * The mix itself, checked: it may have been written without {@link mixup} and {@link cutmix}.
 *
 * @throws TypeError for what is no mix; RangeError for unknown fields, words, and numbers that make no sense.
 */
export function requireMix(mix: Mix): Mix {
  requireFields(mix, "a mix", fieldsOf<Mix>({ kind: true, alpha: true, probability: true, apply: true }));
  const { kind, alpha, probability, apply } = mix;
  requireOneOf("kind of a mix", kind, ["mixup", "cutmix"]);
  // Only whole images can be weighted by a coefficient.
  requireOneOf(`apply of ${kind}`, apply, kind === "mixup" ? ["host", "graph"] : ["host"]);
  if (!(Number.isFinite(alpha) && alpha > 0) || !(probability >= 0 && probability <= 1)) {
    throw new RangeError(
      `${kind} has alpha ${alpha} and probability ${probability}; give alpha above 0 and a share of batches from 0 to 1`,
    );
  }
  return mix;
}

/** What was drawn for a batch. */
export interface DrawnMix {
  readonly apply: Mix["apply"];
  /** Weight of a row's own label; its partner has the rest. */
  readonly coefficient: number;
  /** What comes from the partner; not given where whole images are weighted. */
  readonly box?: Box;
}

/** Draws the mix of a batch of images of a size. The same in whichever thread asks. */
export function drawMix(mixes: readonly Mix[], key: Key, height: number, width: number): DrawnMix | undefined {
  if (mixes.length === 0) return undefined;
  const random = new Random(key);
  const { kind, alpha, probability, apply } = random.pick(mixes);
  if (!random.chance(probability)) return { apply, coefficient: 1 };
  const drawn = random.beta(alpha, alpha);
  if (kind === "mixup") return { apply, coefficient: Math.max(drawn, 1 - drawn) };
  const share = Math.sqrt(1 - drawn);
  const [centreY, centreX] = [random.integer(height), random.integer(width)];
  const clip = (value: number, side: number) => Math.max(0, Math.min(side, Math.round(value)));
  const top = clip(centreY - (share * height) / 2, height);
  const left = clip(centreX - (share * width) / 2, width);
  const box = {
    top,
    left,
    height: clip(centreY + (share * height) / 2, height) - top,
    width: clip(centreX + (share * width) / 2, width) - left,
  };
  return { apply, coefficient: 1 - (box.height * box.width) / (height * width), box };
}

/** Row whose image and label are mixed into a row of a batch. */
export function partnerOf(row: number, rows: number): number {
  return (row + rows - 1) % rows;
}

/** Mixes `rows` images that lie one after another, in place. `width` and `channels` are those of one image. */
export function mixImages(
  data: Uint8Array | Float32Array,
  rows: number,
  { coefficient, box }: DrawnMix,
  width: number,
  channels: number,
): void {
  if (coefficient === 1) return;
  const size = data.length / rows;
  const bytes = data instanceof Uint8Array;
  // From the last row to the first, each partner is still unmixed when it is read; the last one is kept for the first row.
  const last = data.slice((rows - 1) * size);
  for (let row = rows - 1; row >= 0; row--) {
    const own = row * size;
    const partner = row === 0 ? last : data.subarray(own - size, own);
    if (box === undefined) {
      for (let i = 0; i < size; i++) {
        const mixed = coefficient * data[own + i]! + (1 - coefficient) * partner[i]!;
        data[own + i] = bytes ? toByte(mixed) : mixed;
      }
    } else {
      for (let line = box.top; line < box.top + box.height; line++) {
        const start = (line * width + box.left) * channels;
        data.set(partner.subarray(start, start + box.width * channels), own + start);
      }
    }
  }
}

/** Mixes rows of class probabilities `[rows, classes]`, in place. */
export function mixLabels(labels: Float32Array, rows: number, { coefficient }: DrawnMix): void {
  mixImages(labels, rows, { apply: "host", coefficient }, labels.length / rows, 1);
}
