import type { KeyboardEvent } from "react";

/** A link of a list of them that is one stop of Tab, at `isStop`: the arrow keys go to the one before and after. */
export function besideOthers(isStop: boolean) {
  return { tabIndex: isStop ? 0 : -1, onKeyDown: toNeighbour } as const;
}

function toNeighbour(event: KeyboardEvent<HTMLAnchorElement>): void {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  event.preventDefault();
  const links = [...(event.currentTarget.closest("ul")?.querySelectorAll("a") ?? [])];
  const at = links.indexOf(event.currentTarget);
  links[event.key === "ArrowLeft" ? Math.max(0, at - 1) : at + 1]?.focus();
}
