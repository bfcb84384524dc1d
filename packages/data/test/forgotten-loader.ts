import { openLoader } from "../src/loader/loader.ts";
import { countingImages } from "./own-module.ts";

// Run by loader.test.ts: this process must end by itself, though nobody closes the loader.
const loader = await openLoader({ source: countingImages({ length: 9 }), batchSize: 3, shuffle: true }, { workers: 1 });
process.stdout.write(`step ${(await loader.next())?.step}`);
