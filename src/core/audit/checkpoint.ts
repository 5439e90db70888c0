import { hash } from "node:crypto";
import { isObject, type JsonValue } from "../json.ts";

/** Vouches for the audit trail as it stood: for every run that changed since the checkpoint before, and all of those. */
export type Checkpoint = {
  readonly format: 1;
  /** From 1, without a gap. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The hash of the checkpoint before; `null` for the first. */
  readonly previous: string | null;
  /** How far the events of all runs are covered, by global position. */
  readonly position: number;
  /** How many runs changed, and the root of the tree over their heads, by run id. */
  readonly runs: number;
  readonly root: string;
  /** Where the chain of administrative events stood. */
  readonly admin: { readonly position: number; readonly hash: string };
};

/** A checkpoint as it is kept: its text is what is hashed and signed. */
export type KeptCheckpoint = {
  readonly number: number;
  readonly body: string;
  readonly signature: Signature | null;
};

/** An Ed25519 signature over a checkpoint's text. Whether the key is one to trust is for the reader to say. */
export type Signature = {
  /** The key's fingerprint: `ed25519:` and 32 hex digits. */
  readonly keyId: string;
  /** SPKI, DER, base64. */
  readonly publicKey: string;
  /** Base64. */
  readonly signature: string;
};

/** The one text of a checkpoint. */
export function checkpointText(checkpoint: Checkpoint): string {
  const { format, number, at, previous, position, runs, root, admin } = checkpoint;
  const { position: adminPosition, hash: adminHash } = admin;
  return JSON.stringify({
    ...{ format, number, at, previous, position, runs, root },
    admin: { position: adminPosition, hash: adminHash },
  });
}

/** The hash of a checkpoint's text: what the next one and an anchor name it by. */
export function checkpointHash(body: string): string {
  return hash("sha256", body);
}

/** A checkpoint from its text, or what is wrong with it. */
export function readCheckpoint(body: string): Checkpoint | string {
  let value: JsonValue;
  try {
    value = JSON.parse(body);
  } catch {
    return "it is not JSON";
  }
  if (!isObject(value)) return "it is not an object";
  const { format, number, at, previous, position, runs, root, admin } = value;
  if (format !== 1) return `it has format ${JSON.stringify(format)}; format 1 is known`;
  const { position: adminPosition, hash: adminHash } = isObject(admin) ? admin : {};
  if (
    typeof number !== "number" ||
    typeof at !== "number" ||
    !(typeof previous === "string" || previous === null) ||
    typeof position !== "number" ||
    typeof runs !== "number" ||
    typeof root !== "string" ||
    typeof adminPosition !== "number" ||
    typeof adminHash !== "string"
  )
    return "a field is missing or of another kind";
  const checkpoint: Checkpoint = {
    ...{ format, number, at, previous, position, runs, root },
    admin: { position: adminPosition, hash: adminHash },
  };
  return checkpointText(checkpoint) === body ? checkpoint : "it is not written as checkpoints are";
}
