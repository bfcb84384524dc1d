import type { Implementation } from "../implementation.ts";

/** What runs in a Node process of its own, by the peer's name. Loaded when needed: most of them bring megabytes of code. */
export const implementations = {
  vitscale: async () => (await import("./vitscale.ts")).vitscale,
  "tfjs-cpu": async () => (await import("./tfjs.ts")).eagerTfjs("tfjs-cpu"),
  "tfjs-wasm": async () => (await import("./tfjs.ts")).eagerTfjs("tfjs-wasm"),
  "tfjs-node": async () => (await import("./tfjs.ts")).eagerTfjs("tfjs-node"),
  "jax-js": async () => (await import("./jax-js.ts")).jaxJs,
  "onnxruntime-node": async () => (await import("./onnx-file.ts")).onnxRuntime,
  "transformers.js": async () => (await import("./onnx-file.ts")).transformersJs,
} satisfies Record<string, () => Promise<Implementation>>;

/** Names of peers that run in Node. */
export type NodePeer = keyof typeof implementations;
