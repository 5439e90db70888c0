import { expect, test } from "vitest";
import { bodiesOf, piecesIn, wholeValues } from "./pieces.ts";

test("a value is kept whole, and one that is too long for that in pieces of which each is text", () => {
  const short = JSON.stringify("x".repeat(999_998));
  expect(bodiesOf(short).map(([, body]) => body)).toEqual([short]);
  // Behind the quote every character of two halves begins at an odd place.
  const long = JSON.stringify("\u{1f600}".repeat(1_200_000));
  const bodies = bodiesOf(long);
  expect(bodies.length).toBe(4);
  for (const [, body] of bodies) expect(body.isWellFormed()).toBe(true);
  expect([...wholeValues(new Map(bodies))]).toEqual([[bodies[0]?.[0], long]]);
});

test("a value of which a piece is missing is missing, and what is no list is none", () => {
  const [list = ["", ""], ...pieces] = bodiesOf(["x", "y", "z"].map((one) => one.repeat(900_000)).join(""));
  expect(piecesIn(list[1])).toEqual(pieces.map(([hash]) => hash));
  expect(wholeValues(new Map([list, ...pieces.slice(1)])).size).toBe(0);
  for (const body of ["@", "@{", "@7", '"@[]"', ""]) expect(piecesIn(body)).toBeNull();
});
