// What worker threads of a data pipeline import: a file of its own in the built package.
export { corrupt } from "./corruptions/corrupt.ts";
export { trimBorder } from "./ood/trim-border.ts";
