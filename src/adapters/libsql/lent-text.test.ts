import fc from "fast-check";
import { expect, it } from "vitest";
import type { RunId } from "../../core/run/ids.ts";
import { type Lent, lentIn, textOf } from "./lent-text.ts";

const lent = (actor: string, data: string, spilled: string | null = null): Lent => ({
  runId: "run_a" as RunId,
  seq: 4,
  position: 12,
  characters: 40,
  events: [
    [100, actor, "api", "run.resumed", data, spilled],
    [101, actor, "", "run.resumed", "{}", null],
  ],
});

it("what was committed comes out of the text as it went in, whatever values and names hold", () => {
  const name = fc
    .string({ unit: "grapheme" })
    .filter((text) => !text.includes("\x1e") && !text.includes("\x1f"));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.json()), { maxLength: 4 }), (all) => {
      const given = all.map(([actor, data]) => lent(actor, data));
      expect(lentIn(given.map(textOf).join(""))).toEqual(given);
    }),
  );
});

it("what the text could not hold is not written: a payload's hash, a name with a separator", () => {
  expect(textOf(lent("user:ana", "{}", "input"))).toBe(null);
  expect(textOf(lent("user:\x1fana", "{}"))).toBe(null);
  expect(textOf(lent("user:ana\x1e", "{}"))).toBe(null);
});
