import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { HostTensor } from "@vitscale/core";
import { contactSheet, encodePng } from "@vitscale/data";
import { writing } from "./file-errors.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * Writes the first images of a batch side by side as a PNG file, for a look at what the model sees.
 *
 * @param images [batch, height, width, channels]; bytes of 1 or 3 channels. Others, whose colours nobody knows, are left out.
 */
export async function saveBatchPicture(path: string, { shape, data }: HostTensor, { most = 64 } = {}): Promise<void> {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  if (!(data instanceof Uint8Array) || (channels !== 1 && channels !== 3)) return;
  const size = height * width * channels;
  const images = Array.from({ length: Math.min(batch, most) }, (_, i) => ({
    ...{ height, width, channels },
    data: data.subarray(i * size, (i + 1) * size),
  }));
  const png = await encodePng(contactSheet(images, { columns: Math.ceil(Math.sqrt(images.length)) }));
  writing(path, () => {
    makeFolder(dirname(path));
    writeFileSync(path, png);
  });
}
