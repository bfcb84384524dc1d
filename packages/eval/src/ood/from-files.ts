import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { missingPath } from "../missing-path.ts";
import { type LabelMap, parseLabelMap } from "./label-map.ts";
import { parseRealLabels } from "./real-labels.ts";
import { type OodSuiteOptions, oodSuite } from "./suite.ts";

/** Options of the OOD suite as plain data: files stand by their paths. */
export interface OodFiles extends Pick<OodSuiteOptions, "dataset" | "scores"> {
  /** A label map as {@link parseLabelMap} reads it; it becomes a data set of its name, which is then the one that is measured. */
  readonly map?: string;
  /** `real.json` of google-research/reassessed-imagenet, also gzipped. */
  readonly real?: string;
}

/** The OOD suite with what files say. @throws RangeError for files that are not there, or of another form */
export async function oodSuiteFromFiles({ dataset, scores, map, real }: OodFiles = {}) {
  const own = map === undefined ? undefined : await readLabelMap(map);
  const name = dataset ?? own?.name;
  return oodSuite({
    ...(own && { datasets: [{ name: own.name, title: own.name, map: own, crop: "square" }] }),
    ...(name !== undefined && { dataset: name }),
    ...(scores && { scores }),
    ...(real !== undefined && { real: parseRealLabels(await readText(real), real) }),
  });
}

/** A label map from a JSON file, also gzipped, as {@link parseLabelMap} reads it; it is named as the file unless it says otherwise. */
export async function readLabelMap(path: string): Promise<LabelMap> {
  return parseLabelMap(await readText(path), basename(path).replace(/\.json(\.gz)?$/, ""));
}

async function readText(path: string): Promise<string> {
  const missing = missingPath(path);
  if (missing !== undefined) throw new RangeError(`${path}: ${missing}`);
  const bytes = await readFile(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}
