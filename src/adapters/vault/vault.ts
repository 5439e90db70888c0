import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import type { Vault } from "../../engine/ports/vault.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM. The first key seals, all of them open: a new one is put first, and an old one dropped when nothing is
 * sealed with it any more. A sealed text is `v1.<key id>.<nonce, ciphertext and tag in base64url>`.
 */
export function createVault([newest, ...older]: readonly [string, ...string[]]): Vault {
  const keys = new Map([newest, ...older].map((secret) => [idOf(secret), keyOf(secret)]));
  const current = { id: idOf(newest), key: keyOf(newest) };
  return {
    seal(secret, about) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, current.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(about));
      const sealed = [nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()];
      return `v1.${current.id}.${Buffer.concat(sealed).toString("base64url")}`;
    },
    open(sealed, about) {
      const [version, id = "", text = "", ...more] = sealed.split(".");
      const key = keys.get(id);
      const bytes = Buffer.from(text, "base64url");
      if (version !== "v1" || !key || more.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(about));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const secret = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
        return Buffer.concat(secret).toString("utf8");
      } catch {
        return null; // somebody else's, or changed
      }
    },
    isNewest: (sealed) => sealed.startsWith(`v1.${current.id}.`),
  };
}

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", "station vault", 32));
}

/** Names a key without telling anything of it. */
function idOf(secret: string): string {
  return createHash("sha256").update(`station-vault:${secret}`).digest("hex").slice(0, 8);
}
