/** Weights of a product `x · kernel + bias`; the kernel is [in, out]. */
export interface LinearParameters<T> {
  readonly kernel: T;
  readonly bias?: T;
}

/** Scale and, for some layer norms, bias; both of the width that is normalised. */
export interface NormParameters<T> {
  readonly scale: T;
  readonly bias?: T;
}

/** The projections of an attention; fused ones live elsewhere in the block. */
export interface AttentionParameters<T> {
  readonly query?: LinearParameters<T>;
  readonly key?: LinearParameters<T>;
  readonly value?: LinearParameters<T>;
  /** Query, key and value side by side: kernel [width, 3·width]. */
  readonly qkv?: LinearParameters<T>;
  readonly query_norm?: NormParameters<T>;
  readonly key_norm?: NormParameters<T>;
  readonly output?: LinearParameters<T>;
}

/** The two layers of an MLP. */
export interface MlpParameters<T> {
  readonly in?: LinearParameters<T>;
  readonly out?: LinearParameters<T>;
}

/** The fused input product of a parallel block; its biases stay apart because ViT-22B has one of them only. */
export interface FusedInputParameters<T> {
  /** Query, key, value and MLP-in side by side: [width, 3·width + mlpWidth]. */
  readonly kernel: T;
  readonly qkv_bias?: T;
  readonly mlp_bias?: T;
}

/** One block: `norm` where parallel; `attention_norm` and `mlp_norm` where sequential. */
export interface BlockParameters<T> {
  readonly norm?: NormParameters<T>;
  readonly attention_norm?: NormParameters<T>;
  readonly mlp_norm?: NormParameters<T>;
  readonly in?: FusedInputParameters<T>;
  readonly attention?: AttentionParameters<T>;
  readonly mlp?: MlpParameters<T>;
  /** Attention-out above MLP-out: kernel [width + mlpWidth, width]; the two biases are one. */
  readonly out?: LinearParameters<T>;
}

/** The MAP head: attention by one learned probe, then an MLP with a residual around it. */
export interface PoolParameters<T> {
  readonly probe: T;
  readonly attention: AttentionParameters<T>;
  readonly norm: NormParameters<T>;
  readonly mlp: MlpParameters<T>;
}

/** All parameters of a model, as a tree whose paths are their names; `T` is a host tensor, a tensor, a shape, … */
export interface ViTParameters<T> {
  readonly patch: LinearParameters<T>;
  readonly positions: T;
  readonly class_token?: T;
  readonly embedding_norm?: NormParameters<T>;
  /** `block00`, `block01`, … */
  readonly encoder: Readonly<Record<string, BlockParameters<T>>>;
  readonly final_norm: NormParameters<T>;
  readonly pool?: PoolParameters<T>;
  readonly head?: LinearParameters<T>;
}

/** Name of a block in the tree; two digits, so that names sort. */
export function blockName(index: number): string {
  return `block${String(index).padStart(2, "0")}`;
}
