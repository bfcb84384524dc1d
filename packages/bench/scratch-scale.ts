import { searchMesh } from "@vitscale/sharding";
import { vit22b } from "@vitscale/vit";
import { forecastTraining, tpuV4 } from "./src/scale/forecast-training.ts";
const training = { config: vit22b(), accelerator: tpuV4, imagesPerRank: 64 };
for (const size of process.argv.slice(2).map(Number)) {
const t = performance.now();
const { candidates, refused } = searchMesh({ size, axes: ["data", "model"], memory: tpuV4.memory, forecast: (mesh) => forecastTraining(training, mesh as any, "ring") });
for (const { mesh, forecast: f, fits } of candidates) console.log(JSON.stringify(mesh.axes), fits, f.seconds.toFixed(2), f.utilisation.toFixed(3), (f.bytes / 1e9).toFixed(1), f.microBatches, f.isRecomputed);
console.log(refused.length, performance.now() - t);
}
