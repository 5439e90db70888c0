import { hash } from "node:crypto";
import type { AgentRun } from "../core/agent/agent-run.ts";
import {
  checkpointLine,
  EVIDENCE,
  EVIDENCE_README,
  eventLine,
  manifestText,
  signatureText,
} from "../core/audit/evidence.ts";
import { proofsOf } from "../core/audit/merkle.ts";
import type { Signer } from "../core/audit/signature.ts";
import { type VerifiedEvidence, verifyEvidence } from "../core/audit/verify-evidence.ts";
import { canonicalJson } from "../core/canonical.ts";
import type { JsonValue } from "../core/json.ts";
import type { RunId } from "../core/run/ids.ts";
import type { Approval } from "../core/run/run.ts";
import { BundleRefused } from "./errors.ts";
import type { Archive } from "./ports/bundles.ts";
import type { ApprovalView } from "./ports/queries.ts";
import type { Ports } from "./ports.ts";

export type EvidencePorts = Pick<Ports, "store"> & {
  readonly archive: Archive;
  /** An agent run as people are shown it: without secrets. */
  readonly transcript: (run: AgentRun) => JsonValue;
  /** Vouches for what is exported; `null` where there is no key. */
  readonly signer: Signer | null;
};

export type Evidence =
  | { readonly status: "packed"; readonly bytes: Uint8Array }
  /** No checkpoint vouches for the run yet. */
  | { readonly status: "unproved" }
  | { readonly status: "unknown" };

/** Everything that proves a run, as one archive that verifies by itself. The same state makes the same bytes. */
export async function evidenceOf(ports: EvidencePorts, runId: RunId): Promise<Evidence> {
  const { store, archive } = ports;
  const kept = await store.evidence.of(runId);
  if (kept === null) return { status: "unknown" };
  if (kept.status === "unproved") return kept;
  const { head, heads, checkpoints, events, payloads, definition, source, sourceFormat } = kept;
  const texts = new Map<string, string>([
    [EVIDENCE.readme, EVIDENCE_README],
    [EVIDENCE.events, events.map(eventLine).join("")],
    [EVIDENCE.checkpoints, checkpoints.map(checkpointLine).join("")],
    [EVIDENCE.definition, definition],
    [`source.${sourceFormat}`, source],
    [EVIDENCE.approvals, readable(await approvalsOf(ports, runId))],
    ...payloads.map(({ hash: name, body }) => [EVIDENCE.payload(name), body] as const),
    ...(await transcriptsOf(ports, runId)),
  ]);
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = sorted.map(([path, text]) => ({ path, sha256: hash("sha256", text) }));
  const proof = proofsOf(heads)(heads.findIndex((one) => one.runId === runId));
  const manifest = manifestText({ format: 1, head, proof, files });
  const signature = ports.signer && signatureText(ports.signer.sign(manifest));
  const entries = [
    [EVIDENCE.manifest, manifest] as const,
    ...(signature === null ? [] : [[EVIDENCE.signature, signature] as const]),
    ...sorted,
  ];
  const bytes = await archive.pack(entries.map(([path, text]) => ({ path, bytes: Buffer.from(text) })));
  return { status: "packed", bytes };
}

/** What a bundle of evidence may unpack to. */
const LIMITS = { entries: 100_000, entryBytes: 2_000_000_000, totalBytes: 4_000_000_000 };

/** Opens an archive and verifies it by itself. Rejects with `BundleRefused` for what is no evidence. */
export async function openEvidence(
  archive: Archive,
  bytes: Uint8Array,
  keys: ReadonlySet<string>,
): Promise<VerifiedEvidence> {
  const files = new Map<string, string>();
  for (const { path, bytes: content } of await archive.unpack(bytes, LIMITS)) {
    if (files.has(path)) throw new BundleRefused(`"${path}" is in it twice`);
    files.set(path, Buffer.from(content).toString("utf8"));
  }
  const verified = verifyEvidence(files, keys);
  if (typeof verified === "string") throw new BundleRefused(verified);
  return verified;
}

const PAGE = 200;

async function approvalsOf({ store }: EvidencePorts, runId: RunId): Promise<readonly Approval[]> {
  const all: ApprovalView[] = [];
  for (;;) {
    const last = all.at(-1);
    const before = last && { before: { at: last.requestedAt, id: last.id } };
    const page = await store.queries.approvals({ runId }, { limit: PAGE, ...before });
    all.push(...page);
    if (page.length < PAGE) break;
  }
  return all.reverse().map(approvalAlone);
}

/** Without what is the run's. */
function approvalAlone(view: ApprovalView): Approval {
  const {
    runId: _,
    workflowId: __,
    workflowVersion: ___,
    environment: ____,
    startedBy: _____,
    ...approval
  } = view;
  return approval;
}

async function transcriptsOf(
  { store, transcript }: EvidencePorts,
  runId: RunId,
): Promise<readonly (readonly [string, string])[]> {
  const transcripts: (readonly [string, string])[] = [];
  for (const { id } of await store.agents.list(runId)) {
    const run = await store.agents.run(id);
    if (run) transcripts.push([EVIDENCE.transcript(id), readable(transcript(run))]);
  }
  return transcripts;
}

/** JSON for people, with keys in order. */
function readable(value: unknown): string {
  const ordered: JsonValue = JSON.parse(canonicalJson(value));
  return `${JSON.stringify(ordered, null, 2)}\n`;
}
