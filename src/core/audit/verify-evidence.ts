import { hash } from "node:crypto";
import { definitionDigest } from "../definition/canonical.ts";
import type { Definition } from "../definition/types.ts";
import type { Channel } from "../identity/channel.ts";
import { isList, isObject, type JsonValue } from "../json.ts";
import type { Recorded, RunEvent } from "../run/events.ts";
import type { Approval } from "../run/run.ts";
import { approvalsTold, differencesBetween } from "./approvals-told.ts";
import { purgedDigest, type SealedText } from "./chain.ts";
import { checkpointHash, type KeptCheckpoint, readCheckpoint } from "./checkpoint.ts";
import {
  EVIDENCE,
  type EvidenceManifest,
  objectIn,
  readCheckpoints,
  readEvents,
  readEvidence,
  readSignature,
} from "./evidence.ts";
import { type Fault, fault } from "./fault.ts";
import { rootBy } from "./merkle.ts";
import { signatureProblem } from "./signature.ts";
import { RunCheck } from "./verify-run.ts";

/** What a bundle of evidence came to. */
export type VerifiedEvidence = {
  readonly runId: string;
  readonly faults: readonly Fault[];
  readonly events: number;
  /** Up to which event a checkpoint vouches. */
  readonly proved: number;
  readonly checkpoint: number | null;
  /** The key that signed the checkpoint; `null`: none did. */
  readonly signedBy: string | null;
  /** The key that signed all files as they were exported, transcripts included; `null`: none did. */
  readonly exportedBy: string | null;
};

/** Verifies a bundle's files by themselves; with `keys` (fingerprints) only a signature of one of them counts. */
export function verifyEvidence(
  files: ReadonlyMap<string, string>,
  keys: ReadonlySet<string>,
): VerifiedEvidence | string {
  const text = files.get(EVIDENCE.manifest);
  if (text === undefined) return `it has no ${EVIDENCE.manifest}: it is no evidence of Station's`;
  const manifest = readEvidence(text);
  if (typeof manifest === "string") return manifest;
  const events = readEvents(files.get(EVIDENCE.events) ?? "");
  if (events === null) return `${EVIDENCE.events} cannot be read`;
  const checkpoints = readCheckpoints(files.get(EVIDENCE.checkpoints) ?? "");
  if (checkpoints === null) return `${EVIDENCE.checkpoints} cannot be read`;
  const { head } = manifest;
  const { runId } = head;
  const chain = chainFault(manifest, events);
  const signed = signatureOf(checkpoints);
  const problems = [
    ...fileProblems(manifest, files),
    ...checkpointProblems(manifest, checkpoints),
    ...(signed.problem === null ? [] : [signed.problem]),
    ...(keys.size > 0 && !keys.has(signed.by ?? "") ? ["no key that is trusted here signed it"] : []),
  ].map((message) => fault("checkpoint", runId, message));
  const exported = exportOf(text, files.get(EVIDENCE.signature));
  const unvouched = exported.problem ?? (keys.size > 0 && !keys.has(exported.by ?? "") ? NOT_TRUSTED : null);
  return {
    runId,
    faults: [
      ...problems,
      ...(chain ? [chain] : contentFaults(runId, events, files)),
      ...(unvouched === null ? [] : [fault("export", runId, unvouched)]),
    ],
    events: events.length,
    proved: head.seq,
    checkpoint: checkpoints[0]?.number ?? null,
    signedBy: signed.by,
    exportedBy: exported.by,
  };
}

function fileProblems(
  { files: listed }: EvidenceManifest,
  files: ReadonlyMap<string, string>,
): readonly string[] {
  const known = new Set<string>([EVIDENCE.manifest, EVIDENCE.signature, ...listed.map(({ path }) => path)]);
  return [
    ...listed.flatMap(({ path, sha256 }) => {
      const text = files.get(path);
      if (text === undefined) return [`${path} is missing`];
      return hash("sha256", text) === sha256 ? [] : [`${path} is not what ${EVIDENCE.manifest} says`];
    }),
    ...[...files.keys()].filter((path) => !known.has(path)).map((path) => `${path} does not belong to it`),
  ];
}

function chainFault({ head }: EvidenceManifest, events: readonly SealedText[]): Fault | null {
  const { runId, seq, hash: value } = head;
  const check = new RunCheck(runId, {
    seals: [{ seq, hash: value, marks: "" }],
    heads: [],
    // Whoever reads the bundle sees that data was purged.
    isPurged: true,
  });
  for (const event of events) {
    if (event.runId !== runId) return fault("run", runId, `event ${event.seq} is one of ${event.runId}`);
    check.take(event, false);
  }
  return check.end();
}

function checkpointProblems(
  { head, proof }: EvidenceManifest,
  kept: readonly KeptCheckpoint[],
): readonly string[] {
  const [first] = kept;
  if (!first) return ["no checkpoint vouches for it"];
  const problems: string[] = [];
  let previous: string | null = null;
  for (const { number, body } of kept) {
    const checkpoint = readCheckpoint(body);
    if (typeof checkpoint === "string") return [`checkpoint ${number} cannot be read: ${checkpoint}`];
    if (previous === null && checkpoint.root !== rootBy(head, proof))
      problems.push(`checkpoint ${number} does not vouch for the run: its proof leads to another root`);
    if (previous !== null && checkpoint.previous !== previous)
      problems.push(`checkpoint ${number} does not follow the one before it`);
    previous = checkpointHash(body);
  }
  return problems;
}

const NOT_TRUSTED = `no key that is trusted here signed ${EVIDENCE.manifest}: nothing vouches for transcripts and source`;

/** Whose signature is over the manifest. */
function exportOf(
  manifest: string,
  text: string | undefined,
): { readonly by: string | null; readonly problem: string | null } {
  if (text === undefined) return { by: null, problem: null };
  const signature = readSignature(text);
  const problem = signature ? signatureProblem(manifest, signature) : "it cannot be read";
  return signature && problem === null
    ? { by: signature.keyId, problem: null }
    : { by: null, problem: `${EVIDENCE.signature}: ${problem}` };
}

function signatureOf(kept: readonly KeptCheckpoint[]): { by: string | null; problem: string | null } {
  const last = kept.at(-1);
  if (!last?.signature) return { by: null, problem: null };
  const problem = signatureProblem(last.body, last.signature);
  return problem === null
    ? { by: last.signature.keyId, problem: null }
    : { by: null, problem: `checkpoint ${last.number}: ${problem}` };
}

/** What the events say of the other files. */
function contentFaults(
  runId: string,
  kept: readonly SealedText[],
  files: ReadonlyMap<string, string>,
): readonly Fault[] {
  const faults: Fault[] = [];
  const events: Recorded[] = [];
  // Of data that was purged only its digest is left, which the chain has proved.
  const there = kept.filter(({ data }) => purgedDigest(data) === null);
  const isWhole = there.length === kept.length;
  for (const { seq, at, actor, channel, data, spilled } of there) {
    const event: Record<string, JsonValue> | null = objectIn(data);
    if (event === null) {
      faults.push(fault("run", runId, `the data of event ${seq} is no JSON object`, { seq }));
      continue;
    }
    for (const field of spilled?.split(",") ?? []) {
      const name = String(event[field]).slice(1);
      const text = files.get(EVIDENCE.payload(name));
      const value = text === undefined || hash("sha256", text) !== name ? undefined : parsed(text);
      if (value === undefined) {
        const message = `the value of ${field} that event ${seq} refers to is missing or another one`;
        faults.push(fault("payload", runId, message, { seq, fields: [field] }));
      } else event[field] = value;
    }
    events.push({ at, actor, channel: channel as Channel, event: event as unknown as RunEvent });
  }
  const [created] = events;
  const definition = objectIn(files.get(EVIDENCE.definition) ?? "") as Definition | null;
  if (
    created?.event.type === "run.created" &&
    created.event.definition !== undefined &&
    (definition === null || definitionDigest(definition) !== created.event.definition)
  )
    faults.push(fault("definition", runId, "the definition is not the one that the run was started with"));
  if (!isWhole) return faults;
  const told = approvalsTold(events);
  const listed = parsed(files.get(EVIDENCE.approvals) ?? "[]");
  if (!isList(listed) || !listed.every(isObject))
    return [...faults, fault("approval", runId, `${EVIDENCE.approvals} is no list of approvals`)];
  const approvals = listed as unknown as readonly Approval[];
  for (const approval of approvals) {
    const known = told.get(approval.id);
    const fields = known ? differencesBetween(approval, known) : ["all of it"];
    if (fields.length > 0) {
      const message = `approval ${approval.id} is not what the events tell: ${fields.join(", ")}`;
      faults.push(fault("approval", runId, message, { fields }));
    }
  }
  for (const id of told.keys())
    if (!approvals.some((approval) => approval.id === id))
      faults.push(fault("approval", runId, `approval ${id} is missing, of which events tell`));
  return faults;
}

/** `undefined` for what is no JSON, which is as good as no file. */
function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
