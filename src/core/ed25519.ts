import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** A key that cannot be used, and why. */
export type UnusableKey = { readonly problem: string; readonly cause?: unknown };

/** The Ed25519 private key in a PEM text. */
export function privateKeyIn(pem: string): KeyObject | UnusableKey {
  return ed25519(() => createPrivateKey(pem));
}

/** The Ed25519 public key in a PEM text. */
export function publicKeyIn(pem: string): KeyObject | UnusableKey {
  return ed25519(() => createPublicKey(pem));
}

/** The Ed25519 public key in SPKI, DER, base64. */
export function publicKeyFrom(base64: string): KeyObject | UnusableKey {
  return ed25519(() => createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" }));
}

/** A public key as SPKI, DER, base64. */
export function publicText(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

/** What people know a public key by: `ed25519:` and 32 hex digits. */
export function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: "spki", format: "der" });
  return `ed25519:${createHash("sha256").update(der).digest("hex").slice(0, 32)}`;
}

function ed25519(read: () => KeyObject): KeyObject | UnusableKey {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    return { problem: "cannot be read: it must be an Ed25519 key", cause };
  }
  return key.asymmetricKeyType === "ed25519"
    ? key
    : { problem: `is ${key.asymmetricKeyType ?? "unknown"}, not Ed25519` };
}
