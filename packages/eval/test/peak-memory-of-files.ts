/**
 * The most memory that a process took while a suite went through a file, as JSON: `{"before": bytes, "peak": bytes}`.
 *
 *     node --conditions=@vitscale/source --import tsx test/peak-memory-of-files.ts FILE [SUITE]
 */
import { accumulateAll, makeSuite, readTable, type SuiteName } from "@vitscale/eval";

const [path = "", suite = "calibration"] = process.argv.slice(2);
const peak = () => 1024 * process.resourceUsage().maxRSS;
const suites = [await makeSuite(suite as SuiteName)];
const before = peak();
for (const { result } of await accumulateAll(suites, readTable(path), { replicates: 1 })) await result();
process.stdout.write(`${JSON.stringify({ before, peak: peak() })}\n`);
