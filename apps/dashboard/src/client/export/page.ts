import { download, textFile } from "./download.ts";

/** Saves what the view shows as one HTML file that needs nothing else: style, font and pictures inside, no script. */
export async function savePage(title: string): Promise<void> {
  const view = document.querySelector("main");
  if (view === null) throw new Error("there is no view to save");
  const copy = view.cloneNode(true) as HTMLElement;
  // What only works with a server behind it.
  for (const control of copy.querySelectorAll(
    "button, input, select, label.search, .toolbar, .tooltip, .cursor, .popover",
  )) {
    if (control.matches("button") && control.textContent?.trim()) control.replaceWith(...textOf(control));
    else control.remove();
  }
  for (const link of copy.querySelectorAll("a")) link.removeAttribute("href");
  for (const focusable of copy.querySelectorAll("[tabindex]")) focusable.removeAttribute("tabindex");
  await Promise.all(Array.from(copy.querySelectorAll("img"), embed));
  const style = await (await fetch("/page/style.css")).text();
  const font = await dataUrl("/page/inter-latin-wght-normal.woff2");
  const theme = document.documentElement.dataset.theme ?? "auto";
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
  const text = `<!doctype html>
<html lang="en" data-theme="${theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}"><title>${escapeHtml(title)}</title>
<style>${style.replace(/url\([^)]*\.woff2[^)]*\)/g, `url(${font})`)}</style></head>
<body class="saved"><header class="saved-head"><h1>${escapeHtml(title)}</h1>
<p>Saved ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC</p></header>
${copy.outerHTML}
</body></html>
`;
  download(`${title}.html`, textFile(text, "text/html"));
}

function textOf(control: Element): Node[] {
  const span = document.createElement("span");
  span.className = control.className;
  span.append(...Array.from(control.childNodes, (node) => node.cloneNode(true)));
  return [span];
}

async function embed(image: HTMLImageElement): Promise<void> {
  image.src = await dataUrl(image.src);
}

async function dataUrl(url: string): Promise<string> {
  const blob = await (await fetch(url)).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error(`${url} cannot be read`));
    reader.readAsDataURL(blob);
  });
}

const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character]!);
