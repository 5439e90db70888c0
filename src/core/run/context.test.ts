import { expect, test } from "vitest";
import { readFrom } from "./context.ts";

test("a path to null reads null, and does not look further", () => {
  const view = { context: { count: null }, reserved: { count: 1, only: 2 }, previous: null };
  const read = (key: string) => readFrom(view as never, { root: "context", keys: [key] }, []);
  expect(read("count")).toBeNull();
  expect(read("only")).toBe(2);
  expect(read("other")).toBeUndefined();
});
