import { expect, it } from "vitest";
import { everyPage } from "./every-page.ts";

it("a list is read to its end, page after page", async () => {
  const pages = new Map([
    [undefined, { items: [1, 2], nextCursor: "b" }],
    ["b", { items: [], nextCursor: "c" }],
    ["c", { items: [3], nextCursor: null }],
  ]);
  const read = await everyPage(async ({ cursor }) => pages.get(cursor) ?? { items: [], nextCursor: null });
  expect(read).toEqual([1, 2, 3]);
});
