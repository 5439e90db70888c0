import { describe, expect, it } from "vitest";
import { lookOf, makeLook } from "./look.ts";
import { STATUS } from "./status.ts";

const look = (env: Record<string, string>, isTty = true) => lookOf({ env }, { isTty }, "auto");

describe("colours", () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ TERM: "dumb" }, true, false],
  ])("%o on a terminal: %s -> %s", (env, isTty, color) => {
    expect(look(env as Record<string, string>, isTty).color).toBe(color);
  });

  it("are what the person chose before anything else", () => {
    expect(lookOf({ env: { NO_COLOR: "1" } }, { isTty: false }, "always").color).toBe(true);
    expect(lookOf({ env: {} }, { isTty: true }, "never").color).toBe(false);
  });
});

describe("signs", () => {
  it.each([
    [{ LANG: "C.UTF-8" }, true],
    [{ LC_ALL: "C", LANG: "de_DE.UTF-8" }, false],
    [{ LANG: "en_US.ISO-8859-1" }, false],
    [{}, true],
    [{ TERM: "dumb" }, false],
  ])("%o can show them: %s", (env, unicode) => {
    expect(look(env as Record<string, string>).unicode).toBe(unicode);
  });

  it("are one cell of ASCII each where the locale has no others", () => {
    const plain = makeLook(false, false);
    for (const status of Object.keys(STATUS) as (keyof typeof STATUS)[])
      expect(plain.glyph(status)).toMatch(/^\p{ASCII}$/u);
    expect(plain.typeset("a → b – 3 × “c”…")).toBe('a -> b - 3 x "c"..');
  });

  it("are different for statuses that mean different things", () => {
    const unicode = new Set(Object.values(STATUS).map(({ glyph }) => glyph));
    expect(unicode.size).toBe(Object.keys(STATUS).length - 1);
  });

  it("turn while a step runs", () => {
    const { glyph } = makeLook(false, true);
    expect([0, 1, 2, 3, 4].map((frame) => glyph("RUNNING", frame)).join("")).toBe("◐◓◑◒◐");
  });
});
