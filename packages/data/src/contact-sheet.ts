import { type ByteImage, byteImage, type Image, requireBytes } from "./image.ts";

/**
 * Images of one size side by side on a white sheet, for looking at a data set or at what augmentation does to it.
 *
 *     await writeFile("sheet.png", await encodePng(contactSheet(images, { columns: 8 })));
 *
 * @throws RangeError when there is no image, or they differ in size.
 */
export function contactSheet(
  images: readonly Image[],
  { columns, gap = 2 }: { readonly columns: number; readonly gap?: number },
): ByteImage {
  const [first] = images;
  if (first === undefined) throw new RangeError("a contact sheet of no images; give at least one");
  const { height, width, channels } = first;
  const rows = Math.ceil(images.length / columns);
  const sheet = byteImage(rows * (height + gap) + gap, columns * (width + gap) + gap, channels);
  sheet.data.fill(255);
  for (const [i, image] of images.entries()) {
    if (image.height !== height || image.width !== width || image.channels !== channels) {
      throw new RangeError(
        `image ${i} is ${image.height}x${image.width}x${image.channels}, the first is ${height}x${width}x${channels}; resize them`,
      );
    }
    const { data } = requireBytes(image, "contactSheet");
    const top = gap + Math.floor(i / columns) * (height + gap);
    const left = gap + (i % columns) * (width + gap);
    for (let row = 0; row < height; row++) {
      const line = data.subarray(row * width * channels, (row + 1) * width * channels);
      sheet.data.set(line, ((top + row) * sheet.width + left) * channels);
    }
  }
  return sheet;
}
