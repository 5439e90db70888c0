import { afterAll, beforeAll, expect, it } from "vitest";
import type { Approval } from "../../../src/http/schemas/approvals.ts";
import { gate } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld({ works: true });
  await world.client.createWorkflow({ body: { definition: gate("gate") } });
  await world.client.createWorkflow({ body: { definition: gate("short", "    timeout: 1h\n") } });
  await world.client.createWorkflow({
    body: { definition: gate("two", "    timeout: 1h\n    quorum: 2\n") },
  });
});
afterAll(() => world.close());

async function waiting(workflowId = "gate") {
  const { runId } = await world.client.startRun({ body: { workflowId } });
  const approval = await eventually(async () => {
    const { items } = await world.client.listRunApprovals({ params: { runId } });
    return items[0];
  });
  return { runId, approval, path: `/api/v1/workflow-approvals/${approval.approvalId}` };
}

const ended = (runId: string) =>
  eventually(async () => {
    const run = await world.client.getRun({ params: { runId } });
    return run.finishedAt !== null && run;
  });

it("an approval is shown by itself, below its run and in the list", async () => {
  const { runId, approval, path } = await waiting();
  expect(approval).toMatchObject({
    runId,
    workflowId: "gate",
    state: "ask",
    status: "PENDING",
    message: "May it happen?",
    approvers: ["user:ana", "user:ben"],
    quorum: 1,
    decisions: [],
    requestedAt: expect.stringMatching(/Z$/),
  });
  expect(await (await world.get(path)).json()).toEqual(approval);
  const { items } = await world.client.listApprovals({ query: { status: ["PENDING"] } });
  expect(items[0]).toEqual(approval);
  expect((await world.get("/api/v1/workflow-approvals/apr_0")).status).toBe(404);
  expect((await world.post("/api/v1/workflow-approvals/apr_0/approve")).status).toBe(404);
});

it("the list is of one environment where one is named", async () => {
  const { approval } = await waiting();
  const list = (environment: string) => world.client.listApprovals({ query: { environment } });
  expect((await list("default")).items[0]).toEqual(approval);
  expect((await list("other")).items).toEqual([]);
});

it("approving lets the run go on, in the name of whoever the credentials say", async () => {
  const { runId, approval, path } = await waiting();
  world.as("user:ben");
  const headers = {
    "x-approver": "user:root",
    "x-station-approver": "user:root",
    authorization: "Bearer root",
  };
  const forged = await world.post(`${path}/approve`, { comment: "ok", by: "user:root" }, headers);
  expect(forged.status).toBe(422);
  const response = await world.post(`${path}/approve`, { comment: "ok", digest: approval.digest }, headers);
  world.as("user:ana");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: "APPROVED",
    decisions: [{ decision: "approve", by: "user:ben", comment: "ok" }],
  });
  expect(await ended(runId)).toMatchObject({ status: "COMPLETED" });
});

it("rejecting below the run fails it", async () => {
  const { runId, approval } = await waiting();
  const path = (run: string) => `/api/v1/workflow-runs/${run}/approvals/${approval.approvalId}/reject`;
  expect((await world.post(path("run_other"), { comment: "no" })).status).toBe(404);
  const response = await world.post(path(runId), { comment: "no" });
  expect(await response.json()).toMatchObject({ status: "REJECTED" });
  expect(await ended(runId)).toMatchObject({ status: "FAILED", error: { type: "rejected" } });
});

it("of two deciders at once one wins, and the other learns who", async () => {
  const { path } = await waiting();
  const answers = await Promise.all([
    world.post(`${path}/approve`),
    world.post(`${path}/reject`, { comment: "no" }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
  const approval = (await won?.json()) as Approval | undefined;
  expect(await lost?.json()).toMatchObject({ code: "already-decided", decision: approval?.decisions[0] });
});

it("a decision that comes long after another is told of it", async () => {
  const { runId, path } = await waiting();
  await world.post(`${path}/approve`, { comment: "first" });
  await ended(runId);
  const late = await world.post(`${path}/reject`);
  expect(late.status).toBe(409);
  expect(await late.json()).toMatchObject({
    code: "already-decided",
    approvalStatus: "APPROVED",
    decision: { decision: "approve", by: "user:ana", comment: "first" },
  });
});

it("a decision about something else than what was shown does not count", async () => {
  const { path } = await waiting();
  const response = await world.post(`${path}/approve`, { digest: "0".repeat(64) });
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ code: "digest-mismatch", decision: null });
});

it("evidence that is made to look like an agent's call cannot be approved with other arguments, which nobody would use", async () => {
  const plan = `  - name: plan
    type: inject
    data: { callId: c1, agent: auditor, tool: scale, arguments: { replicas: 0 } }
    resultPath: steps.plan
    next: ask
`;
  const definition = gate("posed", "      summaryPath: steps.plan\n").replace(
    "states:\n",
    `states:\n${plan}`,
  );
  await world.client.createWorkflow({ body: { definition } });
  const { path, approval } = await waiting("posed");
  expect(approval.summary).toMatchObject({ callId: "c1", arguments: { replicas: 0 } });
  const { digest } = approval;
  const changed = await world.post(`${path}/approve`, { digest, args: { replicas: 3 } });
  expect(changed.status).toBe(409);
  expect(await changed.json()).toMatchObject({ code: "invalid-transition", decision: null });
  expect((await world.post(`${path}/approve`, { digest })).status).toBe(200);
});

it("a decision after the run was cancelled changes nothing", async () => {
  const { runId, path } = await waiting();
  await world.client.cancelRun({ params: { runId } });
  const response = await world.post(`${path}/approve`);
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ code: "invalid-transition" });
});

it("a decision after the deadline is too late", async () => {
  const { path, approval } = await waiting("short");
  expect(approval.expiresAt).not.toBeNull();
  world.pass(3_600_000);
  const response = await world.post(`${path}/approve`);
  expect(response.status).toBe(410);
  expect(await response.json()).toMatchObject({ code: "expired" });
});

it("a decision after the deadline is told of none that stands, though one voice of two was given", async () => {
  const { path } = await waiting("two");
  expect((await world.post(`${path}/approve`)).status).toBe(200);
  world.pass(3_600_000);
  await eventually(
    async () =>
      (await world.client.getApproval({ params: { approvalId: path.split("/").at(-1) ?? "" } })).status ===
      "EXPIRED",
  );
  const response = await world.post(`${path}/approve`);
  expect(await response.json()).toMatchObject({ approvalStatus: "EXPIRED", decision: null });
});
