import { hash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { zipArchive } from "../../../src/adapters/bundles/zip.ts";
import { purged } from "../../../src/core/audit/chain.ts";
import { type Signer, signerWith } from "../../../src/core/audit/signature.ts";
import { verifyEvidence } from "../../../src/core/audit/verify-evidence.ts";
import { createKeyPair } from "../../../src/engine/bundle/signature.ts";
import { openEvidence } from "../../../src/engine/evidence.ts";
import { isProvedBy, unzipped } from "../../support/audit/independent-verifier.ts";
import { gate } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

const keys = createKeyPair();
const TRUSTED = new Set([keys.fingerprint]);
const signer = signerOf(keys.privateKey);
let world: World;
let runId: string;
let files: Map<string, string>;

beforeAll(async () => {
  world = await createWorld({ works: true, signer });
  await world.client.createWorkflow({ body: { definition: gate("gate") } });
  const input = { log: "x".repeat(300_000) };
  ({ runId } = await world.client.startRun({ body: { workflowId: "gate", input } }));
  const approval = await eventually(async () => {
    const { items } = await world.client.listRunApprovals({ params: { runId } });
    return items[0];
  });
  await world.client.approve({ params: { approvalId: approval.approvalId }, body: { comment: "go" } });
  await eventually(async () => (await world.client.getRun({ params: { runId } })).finishedAt);
  const all = await world.client.listEvents({ params: { runId } });
  await eventually(async () => {
    const kept = await world.ports.store.evidence.of(runId as never);
    return kept?.status === "proved" && kept.head.seq === all.items.length;
  });
  files = await unzipped(await evidence());
});
afterAll(() => world.close());

function signerOf(privateKey: string): Signer {
  const made = signerWith(privateKey);
  return "problem" in made ? expect.unreachable(made.problem) : made;
}

async function evidence(): Promise<Buffer> {
  const response = await world.get(`/api/v1/workflow-runs/${runId}/evidence`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/zip");
  return Buffer.from(await response.arrayBuffer());
}

describe("the evidence of a run", () => {
  it("holds everything about it, and is the same bytes each time", async () => {
    expect(await evidence()).toEqual(await evidence());
    expect([...files.keys()].filter((path) => !path.startsWith("payloads/"))).toEqual([
      "evidence.json",
      "evidence.sig.json",
      "README.txt",
      "approvals.json",
      "checkpoints.ndjson",
      "definition.json",
      "events.ndjson",
      "source.yaml",
    ]);
    expect([...files.keys()].filter((path) => path.startsWith("payloads/"))).not.toEqual([]);
  });

  it("proves itself without a database, and says which key vouches for it", async () => {
    const verified = await openEvidence(zipArchive, await evidence(), TRUSTED);
    expect(verified).toMatchObject({ runId, faults: [], signedBy: keys.fingerprint });
    expect(verified.exportedBy).toBe(keys.fingerprint);
    expect(verified.proved).toBe(verified.events);
    const other = await openEvidence(zipArchive, await evidence(), new Set(["ed25519:other"]));
    expect(other.faults.map(({ message }) => message)).toEqual([
      "no key that is trusted here signed it",
      expect.stringMatching(/^no key that is trusted here signed evidence.json/),
    ]);
  });

  it("proves itself to a verifier that knows only what README.txt says", () => {
    expect(isProvedBy(files, keys.publicKey)).toBe(true);
    expect(isProvedBy(files, createKeyPair().publicKey)).toBe(false);
  });

  it("shows a change of any character of what it proves, to both", () => {
    const proved = [...files.keys()].filter((path) => !/README|source|evidence\./.test(path));
    for (const path of proved) {
      const text = files.get(path) ?? "";
      for (const part of [0.1, 0.5, 0.9]) {
        const at = Math.floor(text.length * part);
        const changed = new Map(files).set(path, `${text.slice(0, at)}~${text.slice(at + 1)}`);
        const verified = verifyEvidence(changed, TRUSTED);
        expect([path, part, typeof verified === "string" || verified.faults.length > 0]).toEqual([
          path,
          part,
          true,
        ]);
        expect([path, isProvedByChanged(changed)]).toEqual([path, false]);
      }
    }
  });

  it("shows what was changed together with the checksums, which nothing vouches for", () => {
    const forged = (path: string, from: string | RegExp, to: string): string => {
      const text = (files.get(path) ?? "").replace(from, to);
      expect(text).not.toBe(files.get(path));
      const manifest = JSON.parse(files.get("evidence.json") ?? "");
      const listed = manifest.files.map((file: { path: string; sha256: string }) =>
        file.path === path ? { path, sha256: hash("sha256", text) } : file,
      );
      const changed = new Map(files)
        .set(path, text)
        .set("evidence.json", JSON.stringify({ ...manifest, files: listed }));
      const verified = verifyEvidence(changed, TRUSTED);
      return typeof verified === "string"
        ? verified
        : verified.faults.map(({ message }) => message).join("; ");
    };
    expect(forged("approvals.json", "user:ana", "user:eve")).toMatch(
      /^approval apr_\w+ is not what the events tell/,
    );
    expect(forged("definition.json", "May it happen?", "May it not?")).toMatch(
      /^the definition is not the one/,
    );
    expect(forged("events.ndjson", '"actor":"user:ana"', '"actor":"user:eve"')).toMatch(
      /do not belong together/,
    );
    expect(forged("events.ndjson", /.*run.started.*\n/, "")).toMatch(/^event 2 is missing/);
    expect(forged("checkpoints.ndjson", /\\"at\\":1/, '\\"at\\":2')).toMatch(
      /its signature does not belong to it/,
    );
    // Of what no event tells, like the source and transcripts, the exporting server's signature is the proof.
    expect(forged("source.yaml", "gate", "fate")).toBe(
      "evidence.sig.json: its signature does not belong to it",
    );
    const bare = new Map(files);
    bare.delete("evidence.sig.json");
    expect(verifyEvidence(bare, TRUSTED)).toMatchObject({
      exportedBy: null,
      faults: [{ kind: "export", message: expect.stringContaining("nothing vouches for transcripts") }],
    });
  });

  it("still proves itself when the run's data was purged", () => {
    const text = (files.get("events.ndjson") ?? "").replace(/^.*$/gm, (line) => {
      const event = line === "" ? null : JSON.parse(line);
      return event === null ? "" : JSON.stringify({ ...event, data: purged(event.data) });
    });
    const manifest = JSON.parse(files.get("evidence.json") ?? "");
    const listed = manifest.files.map((file: { path: string }) =>
      file.path === "events.ndjson" ? { path: file.path, sha256: hash("sha256", text) } : file,
    );
    const left = JSON.stringify({ ...manifest, files: listed });
    const gone = new Map(files)
      .set("events.ndjson", text)
      .set("evidence.json", left)
      .set("evidence.sig.json", JSON.stringify(signer.sign(left)));
    expect(verifyEvidence(gone, TRUSTED)).toMatchObject({ runId, faults: [], signedBy: keys.fingerprint });
  });

  it("is refused for what is none, and is not there before a checkpoint vouches for the run", async () => {
    await expect(openEvidence(zipArchive, Buffer.from("PK"), TRUSTED)).rejects.toMatchObject({
      name: "BundleRefused",
    });
    const empty = await zipArchive.pack([{ path: "x", bytes: Buffer.from("") }]);
    await expect(openEvidence(zipArchive, empty, TRUSTED)).rejects.toThrow("it is no evidence of Station's");
    expect((await world.get("/api/v1/workflow-runs/run_0/evidence")).status).toBe(404);
    const still = await createWorld();
    try {
      await still.client.createWorkflow({ body: { definition: gate("gate") } });
      const run = await still.client.startRun({ body: { workflowId: "gate" } });
      const response = await still.get(`/api/v1/workflow-runs/${run.runId}/evidence`);
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ code: "unproved" });
    } finally {
      await still.close();
    }
  });
});

function isProvedByChanged(changed: ReadonlyMap<string, string>): boolean {
  try {
    return isProvedBy(changed, keys.publicKey);
  } catch {
    // What cannot be read proves nothing.
    return false;
  }
}
