import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
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
  const key = ed25519(() => createPrivateKey(privatePem), "the private key");
  const publicKey = createPublicKey(key);
  return `${JSON.stringify(
    {
      algorithm: "Ed25519",
      publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
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
  const key = ed25519(
    () => createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" }),
    "the signature's public key",
  );
  if (!verify(null, manifest, key, Buffer.from(signature, "base64")))
    throw new BundleRefused(
      "its signature does not belong to its manifest: it was changed after it was signed",
    );
  return fingerprintOf(key);
}

/** The fingerprint of a public key in PEM. */
export function fingerprintOfPem(publicPem: string): string {
  return fingerprintOf(ed25519(() => createPublicKey(publicPem), "the public key"));
}

function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: "spki", format: "der" });
  return `ed25519:${createHash("sha256").update(der).digest("hex").slice(0, 32)}`;
}

function ed25519(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new BundleRefused(`${what} cannot be read: it must be an Ed25519 key`, { cause });
  }
  if (key.asymmetricKeyType !== "ed25519")
    throw new BundleRefused(`${what} is ${key.asymmetricKeyType ?? "unknown"}, not Ed25519`);
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
