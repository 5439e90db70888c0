import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import { openTrail } from "../../../src/adapters/libsql/open-trail.ts";
import { signerWith } from "../../../src/core/audit/signature.ts";
import { createKeyPair } from "../../../src/engine/bundle/signature.ts";
import { verifyTrail } from "../../../src/engine/verify-trail.ts";
import { gate } from "./definitions.ts";
import { createWorld, eventually } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "station-trail-"));
const keys = createKeyPair();
let runIds: readonly string[];
let files = 0;

beforeAll(async () => {
  const signer = signerWith(keys.privateKey);
  const world = await createWorld({
    works: true,
    signer: "problem" in signer ? null : signer,
    url: `file:${join(folder, "station.db")}`,
  });
  const { client, ports } = world;
  await client.createWorkflow({ body: { definition: gate("gate") } });
  await client.createWorkflow({ body: { definition: gate("two", "    quorum: 2\n") } });
  const asked = async (workflowId: string, input = {}) => {
    const { runId } = await client.startRun({ body: { workflowId, input } });
    const { approvalId } = await eventually(async () => {
      const { items } = await client.listRunApprovals({ params: { runId } });
      return items[0];
    });
    return { runId, approvalId };
  };
  const runs = [
    await asked("gate", { log: "x".repeat(300_000) }),
    await asked("gate"),
    await asked("gate"),
    await asked("two"),
    await asked("gate"),
  ];
  const [approved, rejected, cancelled, voted] = runs;
  const about = (one: (typeof runs)[number] | undefined) => ({
    params: { approvalId: one?.approvalId ?? "" },
  });
  await client.approve({ ...about(approved), body: { comment: "go" } });
  await client.reject({ ...about(rejected), body: { comment: "no" } });
  await client.cancelRun({ params: { runId: cancelled?.runId ?? "" } });
  await client.approve(about(voted));
  await eventually(
    async () => (await client.getRun({ params: { runId: approved?.runId ?? "" } })).finishedAt,
  );
  await client.disableWorkflow({ params: { id: "two" }, query: { environment: "default" } });
  const { seals, checkpoints } = ports.store;
  await eventually(
    async () =>
      (await seals.pending(1)).runs.length === 0 &&
      (await seals.pendingAdmin(1)).events.length === 0 &&
      (await checkpoints.pending(1)).heads.length === 0,
  );
  runIds = runs.map(({ runId }) => runId);
  await world.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is found in a copy that was changed. */
async function found(sql = "") {
  const path = join(folder, `copy-${++files}.db`);
  copyFileSync(join(folder, "station.db"), path);
  const db = new FileDriver(path);
  db.exec(sql);
  db.abandon();
  const trail = await openTrail(`file:${path}`);
  try {
    return await verifyTrail(trail, { keys: new Set([keys.fingerprint]), anchored: new Map() });
  } finally {
    await trail.close();
  }
}
const messages = async (sql: string) => (await found(sql)).faults.map(({ message }) => message);

describe("the trail of runs that were approved, rejected, cancelled, voted on and left waiting", () => {
  it("is found to be as it was kept", async () => {
    const verified = await found();
    expect(verified).toMatchObject({ faults: [], runs: 5, versions: 2, untold: 0, administration: 3 });
    expect(verified.checkpoints).toBeGreaterThan(0);
  });

  it.each([
    [
      "a decision in somebody else's name",
      "decisions = replace(decisions, 'user:ana', 'user:eve')",
      "decisions",
    ],
    ["a comment that nobody wrote", "decisions = replace(decisions, 'go', 'no')", "decisions"],
    ["other approvers", "approvers = '[\"user:eve\"]'", "approvers"],
    ["an approval that was none", "status = 'REJECTED'", "status"],
    ["evidence that is no JSON any more", "summary = '{'", "summary"],
    ["decisions that are no JSON any more", "decisions = 'by everybody'", "decisions"],
    ["approvers in a value that is not there", "approvers = '@' || hex(zeroblob(32))", "approvers"],
  ])("shows %s", async (_, change, field) => {
    const update = `pragma ignore_check_constraints = on; update workflow_approvals set ${change} where run_id = '${runIds[0]}'`;
    expect(await messages(update)).toEqual([
      expect.stringMatching(new RegExp(`^approval apr_\\w+ is not what the events tell: ${field}$`)),
    ]);
  });

  it("shows a lost approval", async () => {
    expect(await messages(`delete from workflow_approvals where run_id = '${runIds[3]}'`)).toEqual([
      expect.stringMatching(/^approval apr_\w+ is missing, of which the events tell$/),
    ]);
  });

  it("shows a large value that was changed, and one that is gone", async () => {
    const [changed, ...others] = await messages(
      "update workflow_payloads set body = replace(body, 'xx', 'xy')",
    );
    expect([changed, others]).toEqual([
      expect.stringMatching(/^a value that an event refers to was changed/),
      [],
    ]);
    const gone = await messages("delete from workflow_payloads");
    expect(gone).toContainEqual("the value of input that event 1 refers to is missing");
  });
});
