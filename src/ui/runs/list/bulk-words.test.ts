import { expect, test } from "vitest";
import { leftBy } from "./bulk-words.ts";

test("what one request has left is gone on with, but not by running again what was run again", () => {
  expect(leftBy("cancel", 0)).toEqual({ says: undefined, goesOn: false });
  expect(leftBy("cancel", 100)).toEqual({
    says: "One request takes so many; 100 older runs are left.",
    goesOn: true,
  });
  expect(leftBy("rerun", 100)).toEqual({
    says: "One request takes so many; 100 older runs are left. A narrower filter reaches them.",
    goesOn: false,
  });
});
