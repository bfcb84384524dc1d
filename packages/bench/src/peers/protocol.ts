import type { ViTConfig } from "@vitscale/vit";

/** Weights of a model as a file of float32 numbers, little endian, one parameter after the other. */
export interface WeightsFile {
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/**
 * What a peer is to do. Images are bytes `7919·i mod 251` at flat position i, labels `i mod classes`, so both sides know them; pixels are
 * scaled to −1 … 1.
 */
export type Task =
  | {
      /** Forward, softmax cross-entropy, backward, clipping to norm 1, AdamW: one step a request. */
      readonly kind: "train-step";
      readonly model: ViTConfig;
      readonly batch: number;
      readonly threads: number;
      readonly learningRate: number;
      readonly weightDecay: number;
      readonly weights: WeightsFile;
      /** What this project computes again in the backward pass, to save memory; nothing by default. */
      readonly rematerialize?: "cheap" | "block";
    }
  | {
      /** Logits of a batch: one forward pass a request. */
      readonly kind: "inference";
      readonly model: ViTConfig;
      readonly batch: number;
      readonly threads: number;
      readonly weights: WeightsFile;
      /** A folder with the same model as `onnx/model.onnx` and what Hugging Face keeps beside it, for peers that run one. */
      readonly onnxFolder?: string;
    }
  | {
      /** float32 products [rows, inner]·[inner, columns], one after the other: all of them in each request. */
      readonly kind: "products";
      readonly threads: number;
      readonly products: readonly Product[];
    };

/** The shape of a matrix product. */
export interface Product {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** The first answer: ready to be measured. */
export interface Ready {
  /** What computes, such as "torch 2.15.0". */
  readonly version: string;
  readonly threads: number;
  /** Milliseconds from the task to the first result, imports excluded: tracing and compiling where there is any. */
  readonly setupMilliseconds: number;
  /** Numbers that show that the same is computed: losses of the first steps, or some logits. */
  readonly check: readonly number[];
  /** Milliseconds of each part of the set-up, where the peer knows them. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** The answer to `{"run": true}`. */
export interface Sample {
  /** Milliseconds of the work; of each product, where there are several. */
  readonly milliseconds: readonly number[];
  /** Largest memory that the process ever held, in bytes. */
  readonly peakBytes: number;
}

/** How many steps a peer takes before it is ready: the first compile, and their losses are the check. */
export const checkedSteps = 3;

/** A byte of the images of a {@link Task}. */
export function pixelAt(position: number): number {
  return (position * 7919) % 251;
}
