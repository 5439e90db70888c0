/** Where somebody has written since the page was opened. */
const written = new Set<Element>();

/** Remembers where somebody writes; once, for the whole page. */
export function listenForWriting(): void {
  addEventListener("input", ({ target }) => {
    if (target instanceof Element && target.matches(FIELDS)) written.add(target);
  });
}

/** What is typed to find or choose something is no loss. */
const FIELDS = "textarea,input[type=text],[contenteditable]:not([contenteditable=false])";

/** Whether something stands on the page, or a part of it, that somebody has written and nobody has taken yet. */
export function isWriting(within: Element = document.documentElement): boolean {
  for (const field of written) if (!field.isConnected) written.delete(field);
  return [...written].some((field) => within.contains(field) && textIn(field).trim() !== "");
}

function textIn(field: Element): string {
  const isField = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  return isField ? field.value : (field.textContent ?? "");
}
