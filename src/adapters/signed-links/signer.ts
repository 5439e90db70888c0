import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Signer } from "../../engine/ports/links.ts";

/** HMAC-SHA256. The first key signs, all of them verify: a new one is put first, an old one is dropped later. */
export function createSigner([newest, ...older]: readonly [string, ...string[]]): Signer {
  const keys = new Map([newest, ...older].map((secret) => [idOf(secret), secret]));
  return {
    sign(payload) {
      const body = `${Buffer.from(payload).toString("base64url")}.${idOf(newest)}`;
      return `${body}.${signature(newest, body).toString("base64url")}`;
    },
    verify(token) {
      const [payload = "", id = "", signed = "", ...more] = token.split(".");
      const secret = keys.get(id);
      if (secret === undefined || more.length > 0) return null;
      const expected = signature(secret, `${payload}.${id}`);
      const given = Buffer.from(signed, "base64url");
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      return Buffer.from(payload, "base64url").toString();
    },
  };
}

function signature(secret: string, body: string): Buffer {
  return createHmac("sha256", secret).update(body).digest();
}

/** Names a key without telling anything of it. */
function idOf(secret: string): string {
  return createHash("sha256").update(`station-link:${secret}`).digest("hex").slice(0, 8);
}
