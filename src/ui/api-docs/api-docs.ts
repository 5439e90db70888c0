import "./api-docs.css";
import "rapidoc/src/rapidoc.js";
import "prismjs/components/prism-typescript.js"; // RapiDoc colours what it has a grammar for, and for this it has none
import type { JsonObject } from "../../core/json.ts";
import { INSIDE } from "./inside.ts";
import { resolved } from "./resolved.ts";

const DOCUMENT = "/api/v1/openapi.json";
const viewer = document.querySelector<Viewer>("rapi-doc");
const root = viewer?.shadowRoot;
const isDark = matchMedia("(prefers-color-scheme: dark)");
const isNarrow = matchMedia("(max-width: 767px)");

for (const query of [isDark, isNarrow]) query.addEventListener("change", arrange);
arrange();
if (root) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(INSIDE);
  root.adoptedStyleSheets.push(sheet);
  new MutationObserver(() => mend(root)).observe(root, { childList: true, subtree: true });
  root.addEventListener("keydown", openByKey);
}

load().catch(() => viewer?.setAttribute("spec-url", DOCUMENT)); // which says what is wrong

type Viewer = HTMLElement & { loadSpec(document: JsonObject): void };

/** Resolved here: the parser that RapiDoc brings is left out of the build, and its hundred packages of the installation. */
async function load(): Promise<void> {
  const response = await fetch(DOCUMENT);
  viewer?.loadSpec(resolved((await response.json()) as JsonObject));
}

/** The theme that was chosen in the app, else the machine's; where a list beside the page has no room, one that folds. */
function arrange(): void {
  const { theme = isDark.matches ? "dark" : "light" } = document.documentElement.dataset;
  viewer?.setAttribute("theme", theme);
  viewer?.setAttribute("render-style", isNarrow.matches ? "view" : "focused");
}

/** RapiDoc draws a landmark within a landmark and names neither, and what opens an operation only for the mouse. */
function mend(within: ShadowRoot): void {
  within.querySelector("nav.nav-bar:not([aria-label])")?.setAttribute("aria-label", "Operations and search");
  for (const head of within.querySelectorAll<HTMLElement>(".endpoint-head:not([tabindex])")) {
    head.tabIndex = 0;
    head.role = "button";
  }
}

function openByKey(event: Event): void {
  const { key, target } = event as KeyboardEvent;
  if (!(target instanceof HTMLElement) || !target.matches(".endpoint-head") || !/^(?:Enter| )$/.test(key))
    return;
  event.preventDefault();
  target.click();
}
