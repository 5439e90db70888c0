import { expect, it } from "vitest";
import { readMigrations } from "./migrations.ts";

it("the migrations are numbered from 1 without a gap, each number once", async () => {
  const folder = new URL("../../../migrations/", import.meta.url).pathname;
  const versions = (await readMigrations(folder)).map(({ version }) => version);
  expect(versions).toEqual(versions.map((_, index) => index + 1));
});
