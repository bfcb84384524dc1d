/** The same measure in every layer. */
export interface LayerGroup {
  readonly title: string;
  /** In the order of the layers. */
  readonly metrics: readonly { readonly name: string; readonly layer: string }[];
}

/** A layer's number in a metric's name: `diagnostics/attention-entropy/encoder/block03`, `attention-logit-max/block03`. */
const layerPattern = /(?:encoder[/-])?(block|layer)[-_]?(\d+)/;

const words: Readonly<Record<string, string>> = {
  "attention-logit": "Largest attention logit",
  "attention-logit-max": "Largest attention logit",
  "attention-entropy": "Attention entropy (nats)",
  "activation-rms": "Activations (root mean square)",
  "gradient-norm": "Norm of gradients",
  "parameter-norm": "Norm of parameters",
  "update-norm": "Norm of updates",
};

/** Metrics that exist for two layers or more, gathered by what they measure. Attention comes first. */
export function layerGroups(names: readonly string[]): LayerGroup[] {
  const groups = new Map<string, { name: string; layer: string; index: number }[]>();
  for (const name of names) {
    const match = layerPattern.exec(name);
    if (match === null) continue;
    const measure = name
      .replace(match[0], "")
      .replace(/^\/|\/$/g, "")
      .replace("//", "/");
    groups.set(measure, [
      ...(groups.get(measure) ?? []),
      { name, layer: `${match[1]} ${Number(match[2])}`, index: Number(match[2]) },
    ]);
  }
  return Array.from(groups)
    .filter(([, metrics]) => metrics.length >= 2)
    .map(([measure, metrics]) => ({
      title: words[measure.replace("diagnostics/", "")] ?? measure,
      metrics: metrics.sort((a, b) => a.index - b.index),
    }))
    .sort(
      (a, b) =>
        Number(/attention/i.test(b.title)) - Number(/attention/i.test(a.title)) || a.title.localeCompare(b.title),
    );
}
