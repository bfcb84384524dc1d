/** A format of image files: extensions of their names, and how their first bytes, as Latin-1, tell it. */
interface ImageFormat {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly begins: (head: string) => boolean;
}

/** Pixels, all of them: a drawing such as SVG would have any size, and could name other files. */
const formats: readonly ImageFormat[] = [
  { name: "JPEG", extensions: ["jpg", "jpeg"], begins: (head) => head.startsWith("\xff\xd8\xff") },
  { name: "PNG", extensions: ["png"], begins: (head) => head.startsWith("\x89PNG\r\n\x1a\n") },
  { name: "WebP", extensions: ["webp"], begins: (head) => head.startsWith("RIFF") && head.startsWith("WEBP", 8) },
  { name: "GIF", extensions: ["gif"], begins: (head) => head.startsWith("GIF8") },
  {
    name: "TIFF",
    extensions: ["tif", "tiff"],
    // Either byte order, and both again for files beyond 4 GiB.
    begins: (head) => ["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(head.slice(0, 4)),
  },
  // The brand is the first, or one of those that the file says it is compatible with.
  { name: "AVIF", extensions: ["avif"], begins: (head) => head.startsWith("ftyp", 4) && /avi[fs]/.test(head.slice(8)) },
];

/** Extensions of image files, lower case, without the dot. */
export const imageExtensions = formats.flatMap(({ extensions }) => extensions);

/**
 * The name of the format that a file is of by its first bytes, whatever it is called, one of those that are decoded here. The decoder
 * knows further ones, others on each machine.
 *
 * @throws RangeError that shows how the file begins.
 */
export function requireImageFormat(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString("latin1");
  const format = formats.find(({ begins }) => begins(head));
  if (format !== undefined) return format.name;
  const names = formats.map(({ name }) => name).join(", ");
  const found = head === "" ? "is empty" : `begins with ${JSON.stringify(head.slice(0, 16))}`;
  throw new RangeError(`is no image of a format that is read (${names}): it ${found}`);
}
