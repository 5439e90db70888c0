import { createHmac, timingSafeEqual } from "node:crypto";

export type Algorithm = "sha256" | "sha512";
export type Encoding = "hex" | "base64";
export type Bytes = string | Uint8Array;

/** HMAC of the parts, one behind the other. */
export function hmac(algorithm: Algorithm, secret: Bytes, parts: readonly Bytes[]): Buffer {
  const mac = createHmac(algorithm, secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether a text is exactly this encoding of `expected`, in a time that does not tell where they differ. */
export function isEncodingOf(text: string, encoding: Encoding, expected: Buffer): boolean {
  const given = Buffer.from(text, "latin1");
  const wanted = Buffer.from(expected.toString(encoding), "latin1");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
