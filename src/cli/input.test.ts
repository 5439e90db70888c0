import { expect, it } from "vitest";
import { readInput } from "./input.ts";
import type { Session } from "./session.ts";

const fields = (...given: readonly string[]) => readInput({} as Session, undefined, given);

it("a field is a number where a number can say it, else it stays as it was written", async () => {
  expect(await fields("n=5", "share=0.5", "big=9007199254740991")).toEqual({
    n: 5,
    share: 0.5,
    big: 9007199254740991,
  });
  // Commits, versions and ids of other systems: as numbers they would be null, 12345000000, 1.1 and one less.
  expect(
    await fields(
      "tag=12345e6",
      "version=1.10",
      "commit=12e4567",
      "id=9007199254740993",
      "order=123456789012345678",
    ),
  ).toEqual({
    tag: "12345e6",
    version: "1.10",
    commit: "12e4567",
    id: "9007199254740993",
    order: "123456789012345678",
  });
});
