// Loads every built package by its public name, as a user of npm would, and runs a jitted function of the built core.
import { createRequire } from "node:module";
import { join } from "node:path";

const packages = ["core", "vit", "data", "sharding", "eval", "train", "bench"];
for (const name of packages) {
  const require = createRequire(join(import.meta.dirname, "..", "packages", name, "package.json"));
  const exports = await import(require.resolve(`@vitscale/${name}`));
  console.log(`@vitscale/${name}: ${Object.keys(exports).length} exports`);
  if (name === "core") {
    const tf = await import(require.resolve("@tensorflow/tfjs-core"));
    const square = exports.jit((x) => tf.square(x));
    const [value] = await (await square(3)).read();
    if (value !== 9) throw new Error(`the built jit computed 3² = ${value}`);
  }
}
