import { stripVTControlCharacters } from "node:util";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const WIDE =
  /[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{33ff}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{a000}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\u{fe0f}/u;
const NARROW = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** How many cells a text takes on a terminal; colours take none. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^\p{ASCII}*$/u.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes.segment(plain)) width += cellsOf(segment);
  return width;
}

function cellsOf(segment: string): number {
  if (NARROW.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}

/** Shortens an uncoloured text to so many cells, with a mark at its end when something is missing. */
export function shorten(text: string, width: number, ellipsis = "…"): string {
  if (textWidth(text) <= width) return text;
  const mark = textWidth(ellipsis) <= width ? ellipsis : "";
  let kept = "";
  let used = textWidth(mark);
  for (const { segment } of graphemes.segment(text)) {
    used += cellsOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept.trimEnd()}${mark}`;
}

/** Fills a text up with blanks to so many cells. */
export function pad(text: string, width: number, side: "end" | "start" = "end"): string {
  const blanks = " ".repeat(Math.max(0, width - textWidth(text)));
  return side === "end" ? text + blanks : blanks + text;
}

/** Breaks a text between words into lines of so many cells; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && textWidth(line) + 1 + textWidth(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

/** A foreign text on one line, without anything that would move the cursor or change colours. */
export function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, " ").trim();
}

/** A foreign text that keeps its lines, without anything else that controls a terminal. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, "");
}
