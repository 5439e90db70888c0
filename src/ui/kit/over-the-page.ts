/** Where menus and tips are drawn: within the page's landmark, so that who goes by landmarks finds them. */
export function overThePage(): HTMLElement {
  return document.querySelector("main") ?? document.body;
}
