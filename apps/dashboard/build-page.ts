import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;

/** Bundles the page into a folder: one script, one style sheet, one font, the icon, and the document that names them. */
export async function buildPage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: { app: join(here, "src/client/main.tsx"), style: join(here, "src/client/style/style.css") },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome123", "firefox121", "safari17.5"],
    loader: { ".woff2": "file" },
    assetNames: "[name]",
    jsx: "automatic",
    jsxImportSource: "preact",
    // The root's tsconfig is for Node.
    tsconfig: join(here, "tsconfig.client.json"),
    legalComments: "none",
    logLevel: "warning",
  });
  await copyFile(join(here, "src/client/icon.svg"), join(folder, "icon.svg"));
  await writeFile(join(folder, "index.html"), documentText);
}

const documentText = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Vitscale</title>
<link rel="icon" href="/page/icon.svg">
<link rel="preload" href="/page/inter-latin-wght-normal.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="/page/style.css">
<script type="module" src="/page/app.js"></script>
</head>
<body><noscript>The dashboard needs JavaScript.</noscript></body>
</html>
`;
