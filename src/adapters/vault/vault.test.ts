import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVault } from "./vault.ts";

const [old, fresh] = ["o".repeat(32), "f".repeat(32)];

describe("a secret that is kept", () => {
  it("comes back as it was, and is never the same text twice", () => {
    const vault = createVault([old]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (secret, about) => {
        const sealed = vault.seal(secret, about);
        expect(vault.open(sealed, about)).toBe(secret);
        expect(vault.seal(secret, about)).not.toBe(sealed);
      }),
    );
  });

  it("opens for what it belongs to and for nothing else, and not when it was changed", () => {
    const vault = createVault([old]);
    const sealed = vault.seal("whsec_x", "prod/a");
    expect(vault.open(sealed, "prod/b")).toBeNull();
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      // The last letters of base64 may stand for the same bytes.
      expect([null, "whsec_x"]).toContain(vault.open(changed, "prod/a"));
    }
    for (const text of ["", "v1", "v1..", "v2.a.b", `${sealed}.x`])
      expect(vault.open(text, "prod/a")).toBeNull();
  });

  it("opens after the key was exchanged as long as the old one is there", () => {
    const sealed = createVault([old]).seal("whsec_x", "prod/a");
    expect(createVault([fresh, old]).open(sealed, "prod/a")).toBe("whsec_x");
    expect(createVault([fresh]).open(sealed, "prod/a")).toBeNull();
    const vault = createVault([fresh, old]);
    expect([vault.isNewest(sealed), vault.isNewest(vault.seal("whsec_x", "prod/a"))]).toEqual([false, true]);
    expect(createVault([old]).open(createVault([fresh, old]).seal("s", "a"), "a")).toBeNull();
  });
});
