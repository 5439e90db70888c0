import { createPublicKey, sign, verify } from "node:crypto";
import { fingerprintOf, privateKeyIn, publicKeyFrom, publicText, type UnusableKey } from "../ed25519.ts";
import type { Signature } from "./checkpoint.ts";

/** Signs checkpoints with one key. */
export type Signer = { readonly keyId: string; sign(body: string): Signature };

/** A signer with the Ed25519 private key in a PEM text, or why there is none. */
export function signerWith(privatePem: string): Signer | UnusableKey {
  const key = privateKeyIn(privatePem);
  if ("problem" in key) return key;
  const open = createPublicKey(key);
  const keyId = fingerprintOf(open);
  const publicKey = publicText(open);
  return {
    keyId,
    sign: (body) => ({ keyId, publicKey, signature: sign(null, Buffer.from(body), key).toString("base64") }),
  };
}

/** What is wrong with a signature over a checkpoint's text; `null` when it holds for the key it names. */
export function signatureProblem(body: string, { keyId, publicKey, signature }: Signature): string | null {
  const key = publicKeyFrom(publicKey);
  if ("problem" in key) return `its public key ${key.problem}`;
  if (fingerprintOf(key) !== keyId) return `its public key is not ${keyId}`;
  // In a database that somebody has written to it may be anything.
  return verify(null, Buffer.from(body), key, Buffer.from(String(signature), "base64"))
    ? null
    : "its signature does not belong to it";
}
