import { useEffect } from "react";
import type { ShownStatus, Tone } from "../../core/view/status.ts";
import { lookOf } from "../status.ts";

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
    return () => setIcon("data:,");
  }, [tone]);
}

/** An icon has no stylesheet: the tones of tokens.css, as sRGB that shows on light and dark tabs. */
const COLORS: Readonly<Record<Tone, string>> = {
  quiet: "#8b8f98",
  work: "#3b82e6",
  person: "#dfa11f",
  signal: "#a463dd",
  good: "#2f9e63",
  bad: "#dc3b3b",
};

function iconOf(tone: Tone): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="${COLORS[tone]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function setIcon(href: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link) link.href = href;
}
