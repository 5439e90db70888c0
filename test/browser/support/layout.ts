import type { Page } from "playwright-core";

/**
 * What is wrong with how a page is laid out: it is wider than the window, a text is cut off without an ellipsis or with
 * one and nothing that says the rest, or a control lies under something else.
 */
export function layoutFaultsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const nameOf = (element: Element) => {
      const label = element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 40) ?? "";
      return `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> “${label}”`;
    };
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} px wide in ${innerWidth} px`);

    // What lies over the page is all there is to look at: a dialog, a menu, a look at a row on a phone.
    const over = [...document.querySelectorAll('[role="dialog"],[role="alertdialog"],[role="menu"],aside')];
    const dialog = over.findLast((element) =>
      ["fixed", "absolute"].includes(getComputedStyle(element).position),
    );
    const isSeen = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      !element.closest('.sr,[aria-hidden="true"]') &&
      (!dialog || dialog.contains(element));
    const isClipped = (element: Element, axis: "x" | "y") => {
      const style = getComputedStyle(element);
      const overflow = axis === "x" ? style.overflowX : style.overflowY;
      return overflow === "hidden" || overflow === "clip";
    };

    for (const element of document.querySelectorAll("body *")) {
      if (!isSeen(element) || !(element instanceof HTMLElement)) continue;
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      );
      if (!hasText || element.clientWidth <= 1) continue;
      if (isClipped(element, "x") && element.scrollWidth > element.clientWidth + 1) {
        const saysRest = element.closest("[title],[aria-label]") || element.querySelector("[title]");
        if (getComputedStyle(element).textOverflow !== "ellipsis") faults.push(`cut off: ${nameOf(element)}`);
        else if (!saysRest) faults.push(`cut off, and nothing says the rest: ${nameOf(element)}`);
      }
      if (
        isClipped(element, "y") &&
        element.scrollHeight > element.clientHeight + 2 &&
        getComputedStyle(element).webkitLineClamp === "none"
      )
        faults.push(`cut off below: ${nameOf(element)}`);
    }

    const controls = [...document.querySelectorAll("button,a[href],input,select,textarea,summary")];
    for (const control of controls) {
      if (!isSeen(control)) continue;
      const box = control.getBoundingClientRect();
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      if (box.width === 0 || box.right > innerWidth + 1) {
        const isScrolled = [...ancestorsOf(control)].some(
          (around) => around.scrollWidth > around.clientWidth,
        );
        if (box.width > 0 && !isScrolled) faults.push(`beyond the window: ${nameOf(control)}`);
        continue;
      }
      if (y < 0 || y > innerHeight || x < 0) continue;
      const there = document.elementFromPoint(x, y);
      if (!there || control.contains(there) || there.contains(control)) continue;
      // Scrolled away under what stays, or a link whose row is the target.
      const isScrolled = [...ancestorsOf(control)].some(
        (around) =>
          around.scrollHeight > around.clientHeight + 1 || around.scrollWidth > around.clientWidth + 1,
      );
      if (!isScrolled && control.closest('[role="row"]') !== there.closest('[role="row"]'))
        faults.push(`covered by ${nameOf(there)}: ${nameOf(control)}`);
    }
    return [...new Set(faults)];

    function* ancestorsOf(element: Element) {
      for (let around = element.parentElement; around; around = around.parentElement) yield around;
    }
  });
}
