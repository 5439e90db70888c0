import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import {
  fingerprintOf,
  privateKeyIn,
  publicKeyFrom,
  publicKeyIn,
  publicText,
  type UnusableKey,
} from "../../core/ed25519.ts";
import { BundleRefused } from "../errors.ts";

/** An Ed25519 key pair as PEM. */
export type KeyPair = {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly fingerprint: string;
};

export function createKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    fingerprint: fingerprintOf(publicKey),
  };
}

/** The signature file of a manifest's text. */
export function signatureOf(manifest: Uint8Array, privatePem: string): string {
  const key = usable(privateKeyIn(privatePem), "the private key");
  return `${JSON.stringify(
    {
      algorithm: "Ed25519",
      publicKey: publicText(createPublicKey(key)),
      signature: sign(null, manifest, key).toString("base64"),
    },
    null,
    2,
  )}\n`;
}

/** The fingerprint of the key that signed a manifest; throws `BundleRefused` when the signature does not hold. */
export function signerOf(manifest: Uint8Array, signatureFile: Uint8Array): string {
  const { algorithm, publicKey, signature } = parsed(signatureFile);
  if (algorithm !== "Ed25519" || typeof publicKey !== "string" || typeof signature !== "string")
    throw new BundleRefused("its signature file is not one of Ed25519 with a public key and a signature");
  const key = usable(publicKeyFrom(publicKey), "the signature's public key");
  if (!verify(null, manifest, key, Buffer.from(signature, "base64")))
    throw new BundleRefused(
      "its signature does not belong to its manifest: it was changed after it was signed",
    );
  return fingerprintOf(key);
}

/** The fingerprint of a public key in PEM. */
export function fingerprintOfPem(publicPem: string): string {
  return fingerprintOf(usable(publicKeyIn(publicPem), "the public key"));
}

function usable(key: KeyObject | UnusableKey, what: string): KeyObject {
  if ("problem" in key) throw new BundleRefused(`${what} ${key.problem}`, { cause: key.cause });
  return key;
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // What is no JSON has none of the fields either, and is refused for that.
    return {};
  }
}
