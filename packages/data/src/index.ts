// Images in memory, and operations on them.
export type { Box, ByteImage, Image, Size } from "./image.ts";
