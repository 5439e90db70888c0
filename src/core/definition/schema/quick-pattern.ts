/** Longer patterns are not looked into. */
const LONGEST = 200;

/**
 * True for a regular expression that is done after one look along a text, whatever the text is: it starts at the
 * beginning, and at most one piece of it varies in length. Nobody can make it try the same letters over and over.
 */
export function isQuickPattern(source: string): boolean {
  if (source.length > LONGEST || !source.startsWith("^")) return false;
  // A piece that was found before, a whole that is repeated, and ways to choose from multiply what is tried.
  if (/\\[1-9k]|\)[*+?{]|\|/.test(source)) return false;
  const ofAnyLength = source.replace(/\\./gu, "").match(/[*+?]|\{\d+,/g) ?? [];
  return ofAnyLength.length <= 1;
}
