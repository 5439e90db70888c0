import { useEffect } from "react";
import type { ShownStatus } from "../../core/view/status.ts";
import { lookOf } from "../status.ts";
import { iconOf, PLAIN_ICON } from "./icon.ts";

/** The tab's title: `Runs – Station`. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – Station`;
    return () => {
      document.title = "Station";
    };
  }, [title]);
}

/** The tab's title with a status before it, and the status as its icon. */
export function useStatusTitle(status: ShownStatus, title: string): void {
  const { glyph, tone } = lookOf(status);
  useTitle(`${glyph} ${title}`);
  useEffect(() => {
    setIcon(iconOf(tone));
    return () => setIcon(PLAIN_ICON);
  }, [tone]);
}

function setIcon(href: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link) link.href = href;
}
