import { canonicalHash } from "../core/canonical.ts";
import { HttpProblem } from "./problems.ts";

/** Where a page ends: the sort key (milliseconds, or 0 in lists by id) and the id of its last row. */
export type Position = { readonly at: number; readonly id: string };

const VERSION = 1;

/** An opaque text for "after this row of this list". */
export function encodeCursor({ at, id }: Position, filter: unknown): string {
  return Buffer.from(JSON.stringify([VERSION, at, id, filterHash(filter)])).toString("base64url");
}

/** The position a cursor stands for; it only counts for the filter it was made with. */
export function decodeCursor(cursor: string, filter: unknown): Position {
  const parts = partsOf(cursor);
  if (!parts) throw strangeCursor();
  const [, at, id, hash] = parts;
  if (hash !== filterHash(filter))
    throw badCursor("this cursor belongs to a list with another filter: start again without it");
  return { at, id };
}

/** One page of rows of which one more than `limit` was asked for. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  filter: unknown,
  position: (row: Row) => Position,
  item: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(item),
    nextCursor: last === undefined ? null : encodeCursor(position(last), filter),
  };
}

/** The `Link` header of a page that has a next one (RFC 8288). */
export function linkTo(url: URL, nextCursor: string | null): Record<string, string> {
  if (nextCursor === null) return {};
  const next = new URL(url);
  next.searchParams.set("cursor", nextCursor);
  return { link: `<${next.pathname}${next.search}>; rel="next"` };
}

function filterHash(filter: unknown): string {
  return canonicalHash(filter).slice(0, 12);
}

function partsOf(cursor: string): [number, number, string, string] | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return null; // not base64url of JSON: the caller says so
  }
  if (!Array.isArray(parts) || parts.length !== 4) return null;
  const [version, at, id, hash] = parts;
  const fits =
    version === VERSION && Number.isFinite(at) && typeof id === "string" && typeof hash === "string";
  return fits ? [version, at, id, hash] : null;
}

/** A cursor that Station did not make. */
export function strangeCursor(): HttpProblem {
  return badCursor("this cursor was not made by Station, or by another version of it");
}

function badCursor(message: string): HttpProblem {
  return new HttpProblem("bad-request", message, { errors: [{ pointer: "?cursor", message }] });
}
