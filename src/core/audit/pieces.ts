import { hash } from "node:crypto";

/** Characters of a piece: a server takes no value of five megabytes, and a character is up to three bytes. */
const MOST_CHARACTERS = 1_000_000;

/** Begins what stands for a value in pieces, which no JSON text does; the list of their hashes follows. */
const LIST = "@";

/**
 * How the JSON text of a large value is kept: bodies by the hash that each is named by. A long one is kept in pieces;
 * under its own hash stands the list of theirs, before any of them.
 */
export function bodiesOf(text: string): readonly (readonly [hash: string, body: string])[] {
  const name = hash("sha256", text);
  if (text.length <= MOST_CHARACTERS) return [[name, text]];
  const pieces: (readonly [string, string])[] = [];
  for (let from = 0; from < text.length; ) {
    const end = from + MOST_CHARACTERS;
    const piece = text.slice(from, isInsidePair(text, end) ? end + 1 : end);
    pieces.push([hash("sha256", piece), piece]);
    from += piece.length;
  }
  return [[name, LIST + JSON.stringify(pieces.map(([piece]) => piece))], ...pieces];
}

/** Half a surrogate pair is no character. */
function isInsidePair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}

/** The hashes of a value's pieces, in order; `null` when the body is the value itself. */
export function piecesIn(body: string): readonly string[] | null {
  if (!body.startsWith(LIST)) return null;
  try {
    const pieces: unknown = JSON.parse(body.slice(LIST.length));
    return Array.isArray(pieces) ? pieces.map(String) : null;
  } catch {
    // Changed: its hash says so.
    return null;
  }
}

/** Values whole, by their hash: without the pieces, and without those of which a piece is missing. */
export function wholeValues(bodies: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const whole = new Map(bodies);
  for (const [name, body] of bodies) {
    const pieces = piecesIn(body);
    if (pieces === null) continue;
    const texts = pieces.map((piece) => bodies.get(piece));
    if (texts.includes(undefined)) whole.delete(name);
    else whole.set(name, texts.join(""));
  }
  for (const body of bodies.values()) for (const piece of piecesIn(body) ?? []) whole.delete(piece);
  return whole;
}
