import { expect, it } from "vitest";
import { headersOf } from "./headers-of.ts";

it("headers are read one a line, and a line that is none is noticed", () => {
  expect(headersOf("")).toEqual({});
  expect(headersOf("x-github-event: push\n\n  x-at : 10:30 \n")).toEqual({
    "x-github-event": "push",
    "x-at": "10:30",
  });
  expect(headersOf("x-github-event: push\npush")).toBeNull();
  expect(headersOf(": push")).toBeNull();
});
