/** A text as part of a file's name: lower case, letters (of any script) and digits, words joined by `-`. */
export function fileName(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
}
