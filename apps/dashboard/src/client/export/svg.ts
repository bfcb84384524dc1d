import { download, textFile } from "./download.ts";

const properties = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-weight",
];
const svgNamespace = "http://www.w3.org/2000/svg";

/** A chart as a drawing of its own: styles written out, a background, a title, and the legend beneath. */
export function standaloneSvg(
  svg: SVGSVGElement,
  title: string,
  legend: readonly { readonly label: string; readonly color: string }[],
): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const sources = svg.querySelectorAll<SVGElement>("*");
  const passing = Array.from(copy.querySelectorAll(".cursor, .selection"));
  for (const [index, element] of Array.from(copy.querySelectorAll<SVGElement>("*")).entries()) {
    const style = getComputedStyle(sources[index]!);
    for (const property of properties) element.style.setProperty(property, style.getPropertyValue(property));
    // These name custom properties and classes of the page.
    for (const attribute of ["fill", "stroke", "class"]) element.removeAttribute(attribute);
  }
  for (const element of passing) element.remove();
  const { width: baseWidth, height: baseHeight } = svg.viewBox.baseVal;
  const [titleHeight, rowHeight] = [30, 18];
  const height = baseHeight + titleHeight + legend.length * rowHeight + (legend.length > 0 ? 10 : 0);
  const root = document.createElementNS(svgNamespace, "svg");
  root.setAttribute("xmlns", svgNamespace);
  root.setAttribute("viewBox", `0 0 ${baseWidth} ${height}`);
  root.setAttribute("width", `${baseWidth}`);
  root.setAttribute("height", `${height}`);
  root.setAttribute("font-family", "Inter, system-ui, sans-serif");
  const page = getComputedStyle(svg.closest(".card") ?? document.body);
  const add = (name: string, attributes: Record<string, string | number>, text?: string) => {
    const element = document.createElementNS(svgNamespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, `${value}`);
    if (text !== undefined) element.textContent = text;
    root.append(element);
  };
  add("rect", { width: "100%", height: "100%", fill: page.backgroundColor });
  add("text", { x: 12, y: 20, "font-size": 14, "font-weight": 600, fill: page.color }, title);
  copy.setAttribute("y", `${titleHeight}`);
  root.append(copy);
  for (const [index, { label, color }] of legend.entries()) {
    const y = titleHeight + baseHeight + 12 + index * rowHeight;
    add("rect", { x: 14, y: y - 5, width: 14, height: 3, rx: 1.5, fill: resolveColor(color) });
    add("text", { x: 36, y, "font-size": 12, fill: page.color }, label);
  }
  return new XMLSerializer().serializeToString(root);
}

/** Saves a chart as SVG. */
export function saveSvg(name: string, drawing: string): void {
  download(`${name}.svg`, textFile(drawing, "image/svg+xml"));
}

/** Saves a chart as PNG, two pixels for each of the drawing. */
export async function savePng(name: string, drawing: string): Promise<void> {
  const url = URL.createObjectURL(textFile(drawing, "image/svg+xml"));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    const context = canvas.getContext("2d")!;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob === null) throw new Error("the browser made no picture of the chart; save it as SVG");
    download(`${name}.png`, blob);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A colour that names custom properties as one that stands alone. */
function resolveColor(color: string): string {
  const probe = document.createElement("span");
  probe.style.color = color;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
