import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import type { SealedText } from "./chain.ts";
import type { KeptCheckpoint, Signature } from "./checkpoint.ts";
import type { InclusionProof, RunHead } from "./merkle.ts";

/** Where everything is in a bundle of evidence. */
export const EVIDENCE = {
  manifest: "evidence.json",
  signature: "evidence.sig.json",
  readme: "README.txt",
  events: "events.ndjson",
  checkpoints: "checkpoints.ndjson",
  definition: "definition.json",
  approvals: "approvals.json",
  payload: (hash: string) => `payloads/${hash}.json`,
  transcript: (agentRunId: string) => `transcripts/${agentRunId}.json`,
} as const;

/** What a bundle says of itself: how the run's events are proved, and the checksum of every file. */
export type EvidenceManifest = {
  readonly format: 1;
  /** Where the run's chain stood in the first checkpoint of the bundle, and its way to that one's root. */
  readonly head: RunHead;
  readonly proof: InclusionProof;
  /** Sorted by path. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
};

export function manifestText({ format, head, proof, files }: EvidenceManifest): string {
  return `${JSON.stringify({ format, head, proof, files }, null, 2)}\n`;
}

/** What a key says of a manifest, and so of every file. */
export function signatureText({ keyId, publicKey, signature }: Signature): string {
  return `${JSON.stringify({ keyId, publicKey, signature }, null, 2)}\n`;
}

/** A signature from its text; `null` for what is none. */
export function readSignature(text: string): Signature | null {
  const { keyId, publicKey, signature } = objectIn(text) ?? {};
  return typeof keyId === "string" && typeof publicKey === "string" && typeof signature === "string"
    ? { keyId, publicKey, signature }
    : null;
}

/** A manifest from its text, or what is wrong with it. */
export function readEvidence(text: string): EvidenceManifest | string {
  const value = objectIn(text);
  if (value === null) return "evidence.json is no JSON object";
  const { format, head, proof, files } = value;
  if (format !== 1) return `it has format ${JSON.stringify(format)}; format 1 is known`;
  const { runId, seq, hash } = isObject(head) ? head : {};
  if (typeof runId !== "string" || typeof seq !== "number" || typeof hash !== "string")
    return "it has no head";
  const steps = (isList(proof) ? proof : []).map((step) => (isObject(step) ? step : {}));
  const path: { side: "left" | "right"; hash: string }[] = [];
  for (const { side, hash: beside } of steps) {
    if ((side !== "left" && side !== "right") || typeof beside !== "string")
      return "its proof cannot be read";
    path.push({ side, hash: beside });
  }
  const listed: { path: string; sha256: string }[] = [];
  for (const file of isList(files) ? files : []) {
    const { path: name, sha256 } = isObject(file) ? file : {};
    if (typeof name !== "string" || typeof sha256 !== "string") return "a file of it has no path and sha256";
    listed.push({ path: name, sha256 });
  }
  return { format, head: { runId, seq, hash }, proof: path, files: listed };
}

/** An event as a line. */
export function eventLine({ runId, seq, type, at, actor, channel, data, spilled }: SealedText): string {
  return `${JSON.stringify({ runId, seq, type, at, actor, channel, data, spilled })}\n`;
}

/** The events of a file of lines; `null` when a line is none. */
export function readEvents(text: string): readonly SealedText[] | null {
  const events: SealedText[] = [];
  for (const line of linesOf(text)) {
    const { runId, seq, type, at, actor, channel, data, spilled } = objectIn(line) ?? {};
    if (typeof runId !== "string" || typeof seq !== "number" || typeof type !== "string") return null;
    if (typeof at !== "number" || typeof actor !== "string" || typeof data !== "string") return null;
    if (typeof channel !== "string") return null;
    if (spilled !== null && typeof spilled !== "string") return null;
    events.push({ runId, seq, type, at, actor, channel, data, spilled });
  }
  return events;
}

/** A checkpoint as a line. */
export function checkpointLine({ number, body, signature }: KeptCheckpoint): string {
  return `${JSON.stringify({ number, body, signature })}\n`;
}

/** The checkpoints of a file of lines; `null` when a line is none. */
export function readCheckpoints(text: string): readonly KeptCheckpoint[] | null {
  const checkpoints: KeptCheckpoint[] = [];
  for (const line of linesOf(text)) {
    const { number, body, signature } = objectIn(line) ?? {};
    if (typeof number !== "number" || typeof body !== "string") return null;
    const read = signature === null ? null : readSignature(JSON.stringify(signature) ?? "");
    if (read === null && signature !== null) return null;
    checkpoints.push({ number, body, signature: read });
  }
  return checkpoints;
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** The object in a text; `null` for what is none. */
export function objectIn(text: string): JsonObject | null {
  try {
    const value: JsonValue = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // What is no JSON has no field of anything, and is refused for that.
    return null;
  }
}

/** What a person who gets a bundle and nothing else needs to know. */
export const EVIDENCE_README = `Evidence of one run of a workflow, exported from Station.

  evidence.json       what proves the events, and the SHA-256 of every other file
  evidence.sig.json   whose key vouches for evidence.json, where the server that exported this had one
  events.ndjson       everything that happened, one event a line, in order
  payloads/           large values that events refer to, named by their SHA-256
  definition.json     the workflow as it was run; source.yaml or source.json: as its author wrote it
  approvals.json      who was asked, who decided
  transcripts/        what agents were told, said and did; secrets are hidden
  checkpoints.ndjson  the checkpoint that vouches for the events, and those up to the first that is signed

To verify it, without Station's database:

  stn audit verify evidence.zip --public-key audit.pub

Or with any SHA-256 and Ed25519, by these rules (texts are UTF-8, hashes 64 hexadecimal digits):

  1. h = SHA-256("station:" + runId). For each event in order, seq from 1 without a gap:
     h = SHA-256(h + "\\n" + JSON of [runId, seq, type, at, actor, channel, spilled, SHA-256(data)])
     (JSON without spaces).
     At the seq of "head" in evidence.json, h is its hash. Later events are not vouched for yet.
  2. n = SHA-256("leaf:" + runId + ":" + seq + ":" + h). For each step of "proof":
     n = SHA-256("node:" + hash + ":" + n) for "left", SHA-256("node:" + n + ":" + hash) for "right".
     Then n is the "root" in the body of the first checkpoint.
  3. The "previous" of each later checkpoint is the SHA-256 of the body before.
  4. The signature is Ed25519 over the body. Compare the key with one you have from somewhere else.
  5. "definition" in the first event's data is the SHA-256 of definition.json with all keys sorted, without spaces.
     A field named in "spilled" holds "@" and the SHA-256 of the file in payloads/ that has its value.
  6. The signature in evidence.sig.json is Ed25519 over evidence.json; so every file is as it was exported.

Events prove approvals.json and the definition. The transcripts and the source are as they were kept when this was
exported: the key in evidence.sig.json vouches for that, and no event.
`;
