import { hkdfSync } from "node:crypto";
import { EncryptJWT, errors, jwtDecrypt } from "jose";
import type { JsonObject } from "../../core/json.ts";
import type { Sealer } from "../../engine/ports/identity-provider.ts";

/** Seals with the first secret and opens with any: the others are on their way out. Encrypted, A256GCM. */
export function createSealer(secrets: readonly string[], now: () => number): Sealer {
  const keyFor = (secret: string, purpose: string) =>
    new Uint8Array(hkdfSync("sha256", secret, "", `station ${purpose}`, 32));

  return {
    async seal(purpose, content, seconds) {
      const [secret] = secrets;
      if (secret === undefined) throw new Error("nothing to seal with");
      const at = Math.floor(now() / 1000);
      return new EncryptJWT({ content })
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .setIssuedAt(at)
        .setExpirationTime(at + seconds)
        .encrypt(keyFor(secret, purpose));
    },
    async open(purpose, text) {
      for (const secret of secrets)
        try {
          const { payload } = await jwtDecrypt(text, keyFor(secret, purpose), {
            currentDate: new Date(now()),
            keyManagementAlgorithms: ["dir"],
            contentEncryptionAlgorithms: ["A256GCM"],
            requiredClaims: ["exp"],
          });
          return payload["content"] as JsonObject;
        } catch (error) {
          if (!(error instanceof errors.JOSEError)) throw error; // not sealed with this secret, or too old
        }
      return null;
    },
  };
}
