import type { Tone } from "../../core/view/status.ts";

/** An icon has no stylesheet: the tones of tokens.css, as sRGB that shows on light and dark tabs. */
const COLORS: Readonly<Record<Tone, string>> = {
  quiet: "#8b8f98",
  work: "#3b82e6",
  person: "#dfa11f",
  signal: "#a463dd",
  good: "#2f9e63",
  bad: "#dc3b3b",
};

/** The tab's icon where it says nothing else. */
export const PLAIN_ICON = picture('<rect x="1" y="1" width="14" height="14" rx="4" fill="#5b5bd6"/>');

/** The tab's icon for a status. */
export function iconOf(tone: Tone): string {
  return picture(`<circle cx="8" cy="8" r="6" fill="${COLORS[tone]}"/>`);
}

function picture(shape: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shape}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
