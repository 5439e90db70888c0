import fc from "fast-check";
import { expect, test } from "vitest";
import { redacting } from "./redact.ts";
import { Spoken, withPiece } from "./spoken.ts";

const redact = redacting([], ["canary-value-1"]);

/** Everything that is shown of a text which comes in these pieces, in turn. */
function shownOf(pieces: readonly string[]): readonly string[] {
  const spoken = new Spoken(redact);
  let text = "";
  const shown: string[] = [];
  const show = (isWhole: boolean) => {
    const piece = spoken.next(isWhole);
    if (!piece) return;
    text = withPiece(text, piece);
    shown.push(text);
  };
  for (const piece of pieces) {
    spoken.hear(piece);
    show(false);
  }
  show(true);
  return shown;
}

test("a text is shown word by word", () =>
  expect(shownOf(["all ", "is do", "ne"])).toEqual(["all ", "all is ", "all is done"]));

test("a secret that comes in pieces is never shown, not even its beginning", () => {
  const shown = shownOf(["the key is sk-abcd", "efghijklmnop", "qrst, keep it, and canary-", "value-1 too"]);
  expect(shown.at(-1)).toBe("the key is [redacted], keep it, and [redacted] too");
  expect(shown.join("\n")).not.toMatch(/sk-|canary/);
});

test("what turns out to be a secret when more of it is known is taken back", () => {
  const key = "-----BEGIN RSA PRIVATE KEY-----\nabc def\n";
  expect(shownOf(["here: ", ...key.split(/(?<= )/)]).at(-1)).toBe("here: [redacted]");
});

test("a word of many thousand characters holds nothing up", () => {
  const word = "x".repeat(300_000);
  expect(shownOf([`${word} `, "and"]).at(-1)).toBe(`${word} and`);
});

test("in the end everything is shown as it would have been at once, whatever the pieces", () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", " ", "\n", "sk-abcdefghijklmnopqr", "password: ", "hunter22", "🙂", "-")),
      (pieces) => {
        expect(shownOf(pieces).at(-1) ?? "").toBe(redact(pieces.join("")));
      },
    ),
  ));

test("who comes late sees that something is missing", () =>
  expect(withPiece("", { from: 5, delta: "more" })).toBe("…more"));
