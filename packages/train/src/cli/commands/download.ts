import { didYouMean } from "@vitscale/core";
import { download, type Progress, remoteDatasets } from "@vitscale/data";
import { dataFolder } from "../../config/data-folder.ts";
import { type Command, UsageError } from "../arguments.ts";
import type { Output } from "./output.ts";

/** `vitscale download DATASET` */
export const downloadCommand = (output: Output): Command => ({
  positionals: ["DATASET"],
  help: "Downloads a data set into the folder of data sets.",
  options: { data: { type: "text", value: "DIR", help: "folder of the data sets (VITSCALE_DATA); data by default" } },
  async run({ positionals: [name = ""], texts }) {
    if (!isKnownDataset(name)) {
      const known = Object.keys(remoteDatasets);
      throw new UsageError(`there is no data set "${name}"${didYouMean(name, known)}; known are ${known.join(", ")}`);
    }
    const [data] = texts.data ?? [];
    if (data !== undefined) process.env.VITSCALE_DATA = data;
    const { folder, credit } = await download(name, { to: dataFolder(name), onProgress: showDownload(output) });
    output.error(`\r${name} is in ${folder}; cite ${credit}\n`);
    return 0;
  },
});

function isKnownDataset(name: string): name is keyof typeof remoteDatasets {
  return Object.hasOwn(remoteDatasets, name);
}

/** Shows a line for each whole percent that has arrived. */
function showDownload(output: Output): (progress: Progress) => void {
  let shown = "";
  return ({ file, receivedBytes, totalBytes }) => {
    const share =
      totalBytes === undefined
        ? ""
        : ` of ${megabytes(totalBytes)}, ${Math.floor((100 * receivedBytes) / totalBytes)} %`;
    const line = `${file}: ${megabytes(receivedBytes)}${share}`;
    if (line !== shown) output.error(`\r${line}`);
    shown = line;
  };
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
