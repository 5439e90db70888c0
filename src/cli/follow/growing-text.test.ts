import { expect, test } from "vitest";
import { GrowingText } from "./growing-text.ts";

function written(write: (growing: GrowingText) => void): string {
  let all = "";
  write(
    new GrowingText((text) => {
      all += text;
    }),
  );
  return all;
}

test("a line is written on while it grows", () =>
  expect(
    written((growing) => {
      growing.write("a", "all ", false);
      growing.write("a", "all is ", false);
      growing.write("a", "all is done", true);
      growing.write("a", "next", true);
    }),
  ).toBe("all is done\nnext\n"));

test("who speaks in between begins a line, and who went on is written anew", () =>
  expect(
    written((growing) => {
      growing.write("a", "all ", false);
      growing.write("b", "me too", true);
      growing.write("a", "all is", false);
      growing.end();
    }),
  ).toBe("all \nme too\nall is\n"));

test("words that were taken back are written anew", () =>
  expect(
    written((growing) => {
      growing.write("a", "the key is 1", false);
      growing.write("a", "the key is [redacted]", true);
    }),
  ).toBe("the key is 1\nthe key is [redacted]\n"));
