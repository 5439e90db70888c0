import fc from "fast-check";
import { expect, it } from "vitest";
import { createSigner } from "./signer.ts";

const [old, current] = ["o".repeat(32), "c".repeat(32)];

it("what was signed comes back, and fits into an address", () => {
  const signer = createSigner([current]);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (payload) => {
      const token = signer.sign(payload);
      expect(token).toMatch(/^[\w-]*\.[0-9a-f]{8}\.[\w-]{43}$/);
      expect(signer.verify(token)).toBe(Buffer.from(payload).toString());
    }),
  );
});

it("nothing that was changed comes back", () => {
  const signer = createSigner([current]);
  const token = signer.sign('{"a":"apr_1","x":1}');
  fc.assert(
    fc.property(fc.nat({ max: token.length - 1 }), fc.constantFrom("A", "b", "7", "-", "."), (at, letter) => {
      const forged = token.slice(0, at) + letter + token.slice(at + 1);
      const isLastOfSignature = at === token.length - 1; // its last two bits are padding
      if (forged !== token && !isLastOfSignature) expect(signer.verify(forged)).toBeNull();
    }),
  );
  for (const junk of ["", ".", "..", "a.b.c", `${token}.x`, token.slice(0, -3)])
    expect(signer.verify(junk)).toBeNull();
});

it("a key that was exchanged verifies until it is dropped", () => {
  const token = createSigner([old]).sign("x");
  expect(createSigner([current, old]).verify(token)).toBe("x");
  expect(createSigner([current]).verify(token)).toBeNull();
  const next = createSigner([current, old]).sign("x");
  expect(createSigner([old]).verify(next)).toBeNull();
});
