import { fieldsOf, requireFields, requireOneOf, shown } from "./checks.ts";
import { type ByteImage, mostPixels } from "./image.ts";
import { requireImageFormat } from "./image-formats.ts";

/** How image files become pixels. */
export interface DecodeOptions {
  /**
   * Whether the orientation that cameras store in EXIF turns the image. `ignore` (default) is what TensorFlow and PIL do, so
   * what models were trained with; `apply` shows images upright.
   */
  readonly orientation?: "ignore" | "apply";
}

/** @throws RangeError for an unknown option or word. */
export function checkDecodeOptions(options: DecodeOptions): void {
  requireFields(options, "decode", fieldsOf<DecodeOptions>({ orientation: true }));
  requireOneOf("decode.orientation", options.orientation ?? "ignore", ["ignore", "apply"]);
}

type Sharp = typeof import("sharp").default;

let loaded: Promise<Sharp> | undefined;

/** sharp, loaded on first use (data sets of raw pixels never need it), one thread an image: workers are the parallelism. */
function loadSharp(): Promise<Sharp> {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  });
  return loaded;
}

/**
 * Decodes JPEG, PNG, WebP, GIF (first frame), TIFF or AVIF to RGB bytes; which of them it is, the first bytes tell, not a name.
 *
 * Grey is repeated three times, palettes are resolved, alpha is dropped without blending (as TensorFlow and PIL's
 * `convert("RGB")` drop it), 16 bits keep their high byte, CMYK is converted by libvips' default profile, and colour
 * profiles of RGB images are ignored. Other formats (among them SVG, which is a program for a picture), truncated files and
 * images of more than 67 million pixels are errors; harmless warnings of decoders are not.
 */
export async function decodeImage(
  bytes: Uint8Array,
  { orientation = "ignore" }: DecodeOptions = {},
): Promise<ByteImage> {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`decodeImage reads a Uint8Array, but was given ${shown(bytes)}`);
  const format = requireImageFormat(bytes);
  const sharp = await loadSharp();
  const input = sharp(bytes, { failOn: "error", ignoreIcc: true, limitInputPixels: mostPixels });
  const upright = orientation === "apply" ? input.autoOrient() : input;
  const { data, info } = await upright
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      throw new Error(`is a ${format} file of ${bytes.length} bytes that ${problemOf(cause)}`, { cause });
    });
  return {
    height: info.height,
    width: info.width,
    channels: info.channels,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}

/** What libvips says, which is many lines, or ends with a colon where it has nothing to add. */
function problemOf({ message }: Error): string {
  if (message.includes("exceeds pixel limit"))
    return `claims more than ${mostPixels} pixels, the most that are decoded`;
  const [said] = message.split("\n") as [string];
  return `cannot be decoded (${said.replace(/:\s*$/, "")}); it is damaged or was cut short`;
}

/** An image as a PNG file: grey with one channel, RGB with three. */
export async function encodePng({ height, width, channels, data }: ByteImage): Promise<Uint8Array> {
  if (channels !== 1 && channels !== 3) throw new RangeError(`a PNG of ${channels} channels; give 1 (grey) or 3 (RGB)`);
  const sharp = await loadSharp();
  return sharp(data, { raw: { height, width, channels } }).png().toBuffer();
}
