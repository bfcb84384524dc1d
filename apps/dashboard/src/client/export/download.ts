/** Lets the browser save a file that was made on the page. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[^\w.=-]+/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Text as a file. */
export const textFile = (text: string, type: string) => new Blob([text], { type });
