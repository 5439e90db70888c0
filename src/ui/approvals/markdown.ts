import { printable } from "../../core/printable.ts";

/** A piece of a line. A link has its host where its text does not begin with it: nobody is led elsewhere than it says. */
export type Inline =
  | { readonly is: "text" | "strong" | "code"; readonly text: string }
  | { readonly is: "link"; readonly text: string; readonly href: string; readonly host: string | null };

export type Block =
  | { readonly is: "heading" | "paragraph"; readonly of: readonly Inline[] }
  | { readonly is: "list"; readonly isNumbered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly is: "code"; readonly text: string };

const FENCE = /^\s*```/;
const HEADING = /^#{1,6}\s+(.*)$/;
const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*\d+[.)]\s+(.*)$/;

/**
 * Cuts a text into what is read of its Markdown: headings, lists, code, bold, links. The rest stays as it was written,
 * tags too; pictures and anything else that could be loaded do not exist here, and nothing turns a line around.
 */
export function blocksIn(text: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = printable(text).replaceAll("\r\n", "\n").split("\n");
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? "";
    const heading = HEADING.exec(line);
    const list = BULLET.test(line) ? BULLET : NUMBER.test(line) ? NUMBER : null;
    if (line.trim() === "") i++;
    else if (FENCE.test(line)) {
      let until = i + 1;
      while (until < lines.length && !FENCE.test(lines[until] ?? "")) until++;
      blocks.push({ is: "code", text: lines.slice(i + 1, until).join("\n") });
      i = until + 1;
    } else if (heading) {
      blocks.push({ is: "heading", of: inlineIn(heading[1] ?? "") });
      i++;
    } else if (list) {
      const items: (readonly Inline[])[] = [];
      for (let item = list.exec(line); item; item = list.exec(lines[++i] ?? ""))
        items.push(inlineIn(item[1] ?? ""));
      blocks.push({ is: "list", isNumbered: list === NUMBER, items });
    } else {
      const from = i;
      while (i < lines.length && isProse(lines[i] ?? "")) i++;
      blocks.push({ is: "paragraph", of: inlineIn(lines.slice(from, i).join("\n")) });
    }
  }
  return blocks;
}

function isProse(line: string): boolean {
  return line.trim() !== "" && ![FENCE, HEADING, BULLET, NUMBER].some((sign) => sign.test(line));
}

const INLINE =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<!!)\[([^[\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])/g;

/** The pieces of a line of Markdown. */
function inlineIn(text: string): readonly Inline[] {
  return cut(text, INLINE, ([, code, strong, label, to, bare]) => {
    if (code !== undefined) return { is: "code", text: code };
    if (strong !== undefined) return { is: "strong", text: strong };
    return linkTo(to ?? bare ?? "", label ?? bare ?? "");
  });
}

const ADDRESS = /https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?]/g;

/** A plain text and the addresses in it; nothing turns a line around. */
export function linksIn(text: string): readonly Inline[] {
  return cut(printable(text), ADDRESS, ([address]) => linkTo(address, address));
}

function cut(
  text: string,
  pattern: RegExp,
  pieceOf: (match: RegExpExecArray) => Inline | null,
): readonly Inline[] {
  const pieces: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const piece = pieceOf(match);
    if (piece === null) continue;
    if (match.index > from) pieces.push({ is: "text", text: text.slice(from, match.index) });
    pieces.push(piece);
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ is: "text", text: text.slice(from) });
  return pieces;
}

/** Null for what is no address: it stays text. */
function linkTo(address: string, text: string): Inline | null {
  const url = URL.parse(address);
  if (url === null || url.username !== "") return null;
  const said = /^https?:\/\/([^/?#\\\s]*)/.exec(text)?.[1];
  return { is: "link", text, href: url.href, host: said === url.host ? null : url.host };
}
