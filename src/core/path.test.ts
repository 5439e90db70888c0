import { expect, test } from "vitest";
import { parsePath } from "./path.ts";

test("a path into the context is one, by a dot or in brackets", () => {
  expect(parsePath('ctx["odd key"].b[0]')).toEqual({ root: "context", keys: ["odd key", "b", "0"] });
  expect(parsePath("ctx.odd.b.0")).toEqual({ root: "context", keys: ["odd", "b", "0"] });
  expect(parsePath('odd["a key"]')).toEqual({ root: "name", keys: ["odd", "a key"] });
  expect(parsePath('ctx["odd key"] + 1')).toBeNull();
});
