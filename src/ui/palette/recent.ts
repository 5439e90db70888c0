const STORED = "palette-recent";
const MOST = 20;

/** What was chosen lately, the latest first. */
export function recentChoices(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return Array.isArray(stored) ? stored.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // somebody else wrote there
  }
}

/** Remembers a choice. */
export function rememberChoice(value: string): void {
  const next = [value, ...recentChoices().filter((one) => one !== value)].slice(0, MOST);
  localStorage.setItem(STORED, JSON.stringify(next));
}

/** How well something fits, with what was chosen lately before what fits as well: 0 stays 0, 1 stays the most. */
export function weighted(score: number, value: string, recent: readonly string[]): number {
  const at = recent.indexOf(value);
  return at < 0 ? score * 0.8 : score * (1 - 0.2 * (at / MOST));
}
