import { expect, it } from "vitest";
import { decodeCursor, encodeCursor, linkTo, pageOf } from "./cursor.ts";

const position = { at: 1_700_000_000_000, id: "run_1" };

it("a cursor brings back its position, for equal filters however they are written", () => {
  const cursor = encodeCursor(position, { a: 1, b: ["x"] });
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(decodeCursor(cursor, { b: ["x"], a: 1 })).toEqual(position);
  expect(decodeCursor(cursor, { b: ["x"], a: 1, c: undefined })).toEqual(position);
});

it("a cursor is refused for another filter, and when it is none", () => {
  const cursor = encodeCursor(position, { a: 1 });
  expect(() => decodeCursor(cursor, { a: 2 })).toThrow("another filter");
  const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const bad of [
    "",
    "x",
    made(null),
    made([2, 1, "a", "h"]),
    made([1, "1", "a", "h"]),
    made([1, 1, 2, "h"]),
  ])
    expect(() => decodeCursor(bad, { a: 1 }), bad).toThrow("not made by Station");
});

it("only a page that is not the last has a next one", () => {
  const page = (rows: readonly number[]) =>
    pageOf(
      rows,
      2,
      {},
      (row) => ({ at: row, id: "" }),
      (row) => row,
    );
  expect(page([1, 2])).toEqual({ items: [1, 2], nextCursor: null });
  const { items, nextCursor } = page([1, 2, 3]);
  expect(items).toEqual([1, 2]);
  expect(decodeCursor(nextCursor ?? "", {})).toEqual({ at: 2, id: "" });
});

it("the link to the next page keeps the filter", () => {
  expect(linkTo(new URL("http://h/runs?q=a%20b&cursor=old"), "new")).toEqual({
    link: '</runs?q=a+b&cursor=new>; rel="next"',
  });
  expect(linkTo(new URL("http://h/runs"), null)).toEqual({});
});
