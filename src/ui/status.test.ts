import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ShownStatus, STATUS } from "../core/view/status.ts";
import { lookOf, wordOf } from "./status.ts";

const statuses = Object.keys(STATUS) as ShownStatus[];

test("every status has a sign, an icon and a word of its own: none is told by its colour alone", () => {
  for (const status of statuses) {
    const { word, icon, glyph } = lookOf(status);
    expect(word.toLowerCase()).toBe(wordOf(status));
    expect(icon).toBeTypeOf("object");
    expect(glyph).toHaveLength(1);
  }
  const looks = statuses.map((status) => `${lookOf(status).word}`);
  expect(new Set(looks).size).toBe(statuses.length);
});

test("no page writes the word of a status itself: it comes from the table", () => {
  const words = statuses.map((status) => lookOf(status).word);
  const said = new RegExp(`(["'\`>])(${words.join("|")})(?=["'\`<])`, "g");
  const own = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|^status\.ts$|^build\//.test(file))
    .flatMap((file) =>
      [...readFileSync(join(import.meta.dirname, file), "utf8").matchAll(said)].map(
        ([, , word]) => `${file}: ${word}`,
      ),
    );
  expect(own).toEqual([]);
});
