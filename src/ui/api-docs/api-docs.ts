import "./api-docs.css";
import "rapidoc/src/rapidoc.js";
import "prismjs/components/prism-typescript.js"; // RapiDoc colours what it has a grammar for, and for this it has none
import { INSIDE } from "./inside.ts";

const viewer = document.querySelector("rapi-doc");
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
