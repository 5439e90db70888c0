import { afterAll, beforeAll, expect, it } from "vitest";
import type { Run } from "../../../src/http/schemas/runs.ts";
import { person } from "../../support/people.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;

const gate = `id: gate
version: "1.0"
states:
  - { name: ask, type: approval, message: "Restart?", approvers: [team:sre], end: true }
`;
const calling = (id: string, called: string) => `id: ${id}
version: "1.0"
states:
  - { name: before, type: inject, data: { ready: true }, next: call }
  - { name: call, type: workflow, workflow: ${called}, next: after }
  - { name: after, type: transform, expression: steps.call, end: true }
`;

const ana = person("ana", { teams: ["sre"], roles: ["admin"] });
const kim = person("kim", { teams: ["sre"], roles: ["viewer"] });

beforeAll(async () => {
  world = await createWorld({ works: true });
  for (const definition of [gate, calling("middle", "gate"), calling("outer", "middle")])
    await world.client.createWorkflow({ body: { definition } });
});
afterAll(() => world.close());

/** The one run that a run has called. */
const calledBy = (runId: string) =>
  eventually(async () => (await world.client.listRuns({ query: { calledBy: runId } })).items[0]);

const ended = (runId: string) =>
  eventually(async () => {
    const run = await world.client.getRun({ params: { runId } });
    return run.finishedAt !== null && run;
  });

it("whoever starts a workflow does not decide in those that it calls, however deep, and nobody goes past what others decided", async () => {
  world.as(ana);
  const { runId } = await world.client.startRun({ body: { workflowId: "outer" } });
  const middle = await calledBy(runId);
  const inner = await calledBy(middle.runId);
  const approval = await eventually(
    async () => (await world.client.listRunApprovals({ params: { runId: inner.runId } })).items[0],
  );
  expect(approval.startedBy).toBe("user:ana");
  const path = `/api/v1/workflow-approvals/${approval.approvalId}/approve`;
  const refused = await world.post(path);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: "self-approval" });
  world.as(kim);
  expect((await world.post(path)).status).toBe(200);
  world.as(ana);
  expect(await ended(runId)).toMatchObject({ status: "COMPLETED" });

  const again = (fromState: string) => world.post(`/api/v1/workflow-runs/${runId}/rerun`, { fromState });
  const past = await again("after");
  expect(past.status).toBe(409);
  expect(await past.json()).toMatchObject({
    detail: expect.stringContaining(
      `"after" comes after the approval in "call", which was given to run ${runId}`,
    ),
  });
  const anew = (await (await again("call")).json()) as Run;
  const other = await calledBy(anew.runId);
  expect(other.runId).not.toBe(middle.runId);
  await world.client.cancelRun({ params: { runId: anew.runId }, body: {} });
  expect(await ended(other.runId)).toMatchObject({ status: "CANCELLED" });
});

it("a call of a workflow that is not there is said when it is saved, with what may be meant; one that is there is not", async () => {
  world.as(ana);
  const said = async (called: string) => {
    const definition = calling("caller", called);
    const { warnings } = await world.client.validateWorkflow({ body: { definition } });
    return warnings.map(({ code, hint }) => [code, hint]);
  };
  expect(await said("gaet")).toEqual([["WORKFLOW_NOT_FOUND", 'did you mean "gate"?']]);
  expect(await said("gate")).toEqual([]);
  expect(await said("caller")).toEqual([]);
});
