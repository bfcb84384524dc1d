// Tensors in host memory, and trees of them.
export * from "./host-tensor.ts";
export * from "./tree.ts";
