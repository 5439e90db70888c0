import { PLAIN_ICON } from "../shell/icon.ts";

/** The addresses of what the page loads. */
type Parts = { readonly theme: string; readonly css: string; readonly script: string };

/** The page of the API's documentation: RapiDoc, told to read our own document and to ask nobody else. */
export function apiDocsHtml({ theme, css, script }: Parts): string {
  const attributes = [
    'load-fonts="false"',
    'show-header="false"',
    'allow-try="false"',
    'allow-authentication="false"',
    'allow-server-selection="false"',
    'allow-advanced-search="false"',
    'schema-style="table"',
    'schema-description-expanded="true"',
    'allow-schema-description-expand-toggle="false"',
    'default-schema-tab="schema"',
    'show-method-in-nav-bar="as-colored-text"',
    'nav-item-spacing="compact"',
  ];
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    "<title>API · Station</title>",
    `<link rel="icon" href="${PLAIN_ICON}">`,
    `<script src="${theme}"></script>`,
    `<link rel="stylesheet" href="${css}">`,
    `<script src="${script}" defer></script>`,
    "</head>",
    "<body>",
    '<header><h1>Station’s API</h1><a href="/">Web pages</a>',
    '<a href="/api/v1/openapi.json">OpenAPI document</a><a href="/llms.txt">For language models</a></header>',
    `<rapi-doc ${attributes.join(" ")}></rapi-doc>`,
    "<noscript>This page needs JavaScript; the OpenAPI document does not.</noscript>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
