import type { Loader } from "@vitscale/data";
import type { ViTConfig } from "@vitscale/vit";

/** @throws RangeError when the model cannot read the images or has another number of classes. */
export function requireFit({ format, source }: Loader, model: ViTConfig): void {
  const { height, width, channels } = format;
  const { imageSide, classes } = model;
  if (height !== imageSide || width !== imageSide || channels !== model.channels) {
    throw new RangeError(
      `images are ${height}x${width}x${channels} after preprocessing, but the model takes ${imageSide}x${imageSide}x${model.channels}; ` +
        "end preprocess with a resize or crop to that size (toChannels changes channels), or change model.imageSide",
    );
  }
  if (source.classes.length !== classes) {
    throw new RangeError(
      `the data has ${source.classes.length} classes, but the model has ${classes}; set model.classes to ${source.classes.length}`,
    );
  }
}
