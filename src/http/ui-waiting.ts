import type { UiStatus } from "./ui.ts";

/** What a browser is shown while the UI's files are not there: it comes back by itself. */
export function waitingPage(status: Exclude<UiStatus, { readonly is: "ready" }>): string {
  const isBuilding = status.is === "building";
  const title = isBuilding ? "Station is building its pages" : "Station’s pages are not there";
  const body = isBuilding
    ? "<p>This happens once after a change of the sources and takes a few seconds. The page opens by itself.</p>"
    : `<pre>${escaped(status.why)}</pre><p>The API and <code>stn</code> work without them.</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="${isBuilding ? 1 : 10}">
<title>${title}</title>
<style>body{font:14px/20px system-ui,sans-serif;display:grid;place-items:center;min-height:90dvh;margin:0;padding:24px}
main{max-width:640px}h1{font-size:20px;line-height:28px;margin:0 0 8px}pre{white-space:pre-wrap;font-size:12px}</style>
</head><body><main><h1>${title}</h1>${body}</main></body></html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`);
}
