import type { Metafile } from "esbuild";
import { PLAIN_ICON } from "../shell/icon.ts";
import { entryOf, staticClosure } from "./metafile.ts";

/** The one page of the app: its stylesheet, its entry, and what the entry needs at once. */
export function indexHtml({ app, theme }: { readonly app: Metafile; readonly theme: string }): string {
  const entry = entryOf(app);
  const css = app.outputs[entry]?.cssBundle;
  if (css === undefined) throw new Error("the entry has no stylesheet");
  const preloads = staticClosure(app, entry)
    .filter((path) => path !== entry)
    .map((path) => `<link rel="modulepreload" href="${url(path)}">`);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    "<title>Station</title>",
    `<link rel="icon" href="${PLAIN_ICON}">`,
    `<script src="${theme}"></script>`,
    `<link rel="stylesheet" href="${url(css)}">`,
    ...preloads,
    `<script type="module" src="${url(entry)}"></script>`,
    "</head>",
    '<body><div id="root"></div><noscript>Station’s pages need JavaScript; its API and `stn` do not.</noscript></body>',
    "</html>",
    "",
  ].join("\n");
}

function url(output: string): string {
  return `/assets/${output.slice(output.lastIndexOf("/") + 1)}`;
}
