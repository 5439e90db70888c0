import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ServiceKey } from "../../../src/core/identity/principal.ts";
import type { Approval } from "../../../src/http/schemas/approvals.ts";
import { person } from "../../support/people.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;

const gated = (id: string, settings: string) => `id: ${id}
version: "1.0"
states:
  - name: ask
    type: approval
    message: Restart {{ ctx.service }}?
    summaryPath: service
${settings.replace(/^/gm, "    ")}
    next: restart
  - { name: restart, type: agent, agent: echo, input: { task: "Restart {{ ctx.service }}", variables: { text: now } }, end: true }
`;

const ana = person("ana", { teams: ["sre"], roles: ["admin"] });
const kim = person("kim", { teams: ["sre"], roles: ["viewer"] });
const max = person("max", { teams: ["sre"], roles: ["viewer"] });
const sam = person("sam", { teams: ["security"], roles: ["viewer"] });

beforeAll(async () => {
  world = await createWorld({ works: true });
  const publish = (id: string, settings: string) =>
    world.client.createWorkflow({ body: { definition: gated(id, settings) } });
  await publish("team", "approvers: [team:sre]");
  await publish("two", 'approvers: [team:sre, team:security]\nquorum: { "team:sre": 1, "team:security": 1 }');
  await publish("handed", "approvers: [team:sre]\nallowDelegation: true");
  await publish("late", "approvers: [team:sre]\nescalate: [{ after: 10m, to: [user:cto] }]\ntimeout: 1h");
  await publish("voted", "approvers: [team:sre]\nquorum: 2");
});
afterAll(() => world.close());

/** Ana starts a run and it waits at its gate. */
async function waiting(workflowId: string) {
  world.as(ana);
  const { runId } = await world.client.startRun({ body: { workflowId, input: { service: "checkout" } } });
  const approval = await eventually(async () => {
    const { items } = await world.client.listRunApprovals({ params: { runId } });
    return items[0];
  });
  return { runId, approval, path: `/api/v1/workflow-approvals/${approval.approvalId}` };
}

const shown = async (path: string) => (await (await world.get(path)).json()) as Approval;

it("an approval shows evidence, what follows, how far it is and what the caller may do", async () => {
  const { approval, path, runId } = await waiting("two");
  expect(approval).toMatchObject({
    message: "Restart checkout?",
    summary: "checkout",
    summaryPath: "service",
    startedBy: "user:ana",
    consequence: {
      approved: {
        text: "restart → the run ends",
        actions: [{ state: "restart", agents: ["echo"], task: "Restart checkout" }],
      },
      rejected: { text: "the run fails", actions: [] },
      expired: { text: "the run fails" },
    },
    tally: { needed: 2, given: 0, text: "0 of 2 approvals" },
    mayDecide: {
      text: "team:sre, team:security",
      excluded: [{ who: "user:ana", because: "started this run" }],
    },
    you: { mayApprove: false, mayReject: false, because: expect.stringContaining("started this run") },
    remindAt: expect.any(String),
  });
  world.as(kim);
  expect((await shown(path)).you).toEqual({ mayApprove: true, mayReject: true, because: null });
  await world.post(`${path}/approve`, { digest: approval.digest });
  expect(await shown(path)).toMatchObject({
    status: "PENDING",
    decisions: [{ by: "user:kim", as: ["team:sre"], channel: "api", voided: null }],
    tally: { given: 1, text: "1 of 2 approvals (team:security missing)" },
    you: { mayApprove: false },
  });
  expect((await world.client.getRun({ params: { runId } })).blockedOn).toMatch(
    /^waiting for approval of ask by team:sre, team:security: 1 of 2 approvals \(team:security missing\), until /,
  );
  world.as(sam);
  expect((await (await world.post(`${path}/approve`)).json()) as Approval).toMatchObject({
    status: "APPROVED",
  });
});

it("a refusal says who may, and why not the caller", async () => {
  const { path } = await waiting("team");
  const own = await world.post(`${path}/approve`);
  expect(own.status).toBe(403);
  expect(await own.json()).toMatchObject({ code: "self-approval", approvers: ["team:sre"] });
  world.as(person("eve", { roles: ["admin"] }));
  const stranger = await world.post(`${path}/reject`, { comment: "no" });
  expect(stranger.status).toBe(403);
  expect(await stranger.json()).toMatchObject({
    code: "not-an-approver",
    detail: expect.stringContaining("that is for team:sre"),
    approvers: ["team:sre"],
  });
  world.as({
    kind: "key",
    id: "key:default/ci",
    name: "ci",
    environment: "default",
    scopes: ["admin"],
  } satisfies ServiceKey);
  expect((await world.post(`${path}/approve`)).status).toBe(403);
  world.as(kim);
  const bare = await world.post(`${path}/reject`);
  expect(bare.status).toBe(422);
  expect(await bare.json()).toMatchObject({ code: "validation", errors: [{ pointer: "/comment" }] });
  expect(await (await world.post(`${path}/reject`, { reason: "not now" })).json()).toMatchObject({
    status: "REJECTED",
    decisions: [{ by: "user:kim", comment: "not now" }],
  });
});

it("eight at once: one decides, and seven are told who", async () => {
  const { path } = await waiting("team");
  const people = Array.from({ length: 8 }, (_, i) => person(`p${i}`, { teams: ["sre"], roles: ["viewer"] }));
  const answers = await Promise.all(
    people.map((one) => world.post(`${path}/approve`, { comment: one.name }, world.by(one))),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
  const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as {
    code?: string;
    decision?: { by: string };
    decisions?: { by: string }[];
  }[];
  const winner = bodies.find(({ decisions }) => decisions)?.decisions?.[0]?.by;
  expect(bodies.find(({ decisions }) => decisions)?.decisions).toMatchObject([
    { by: winner, comment: winner?.replace("user:", "") },
  ]);
  for (const { code, decision } of bodies.filter(({ code }) => code))
    expect({ code, by: decision?.by }).toEqual({ code: "already-decided", by: winner });
});

it("mine are those that wait for the caller, by the rule that will judge them", async () => {
  const team = await waiting("team");
  const two = await waiting("two");
  const mine = async (query: object = {}) =>
    (await world.client.listApprovals({ query: { mine: true, ...query } })).items.map(
      ({ approvalId }) => approvalId,
    );
  expect(await mine()).not.toContain(team.approval.approvalId);
  world.as(sam);
  expect(await mine()).toContain(two.approval.approvalId);
  expect(await mine()).not.toContain(team.approval.approvalId);
  world.as(kim);
  expect(await mine()).toEqual(expect.arrayContaining([team.approval.approvalId, two.approval.approvalId]));
  const [first] = await mine({ limit: 1 });
  expect(first).toBe(two.approval.approvalId);
  await world.post(`${two.path}/approve`);
  expect(await mine()).not.toContain(two.approval.approvalId);
  expect(await mine({ status: ["APPROVED"] })).toEqual([]);
});

it("several are decided at once, each by itself, and a dry run says what would come of it", async () => {
  const [a, b] = [await waiting("team"), await waiting("two")];
  world.as(kim);
  const items = [
    { approvalId: a.approval.approvalId, decision: "approve", digest: a.approval.digest },
    { approvalId: b.approval.approvalId, decision: "approve", digest: "0".repeat(64) },
    { approvalId: "apr_00000000000000000000000000", decision: "approve" },
    { approvalId: b.approval.approvalId, decision: "reject" },
  ];
  const outcome = async (body: object) => {
    const response = await world.post("/api/v1/workflow-approvals/decide", body);
    expect(response.status).toBe(200);
    return (await response.json()) as { accepted: number; items: { code: string | null }[] };
  };
  const preview = await outcome({ items, dryRun: true });
  expect(preview).toMatchObject({ dryRun: true, accepted: 1 });
  expect((await shown(a.path)).status).toBe("PENDING");
  const done = await outcome({ items });
  expect(done).toMatchObject({ dryRun: false, accepted: 1 });
  expect(done.items.map(({ code }) => code)).toEqual([null, "digest-mismatch", "not-found", "validation"]);
  expect((await shown(a.path)).status).toBe("APPROVED");
  const again = await outcome({ items: items.slice(0, 1) });
  expect(again.items).toMatchObject([{ isAccepted: false, code: "already-decided" }]);
});

it("a voice can be handed on where the workflow allows it", async () => {
  const refused = await waiting("team");
  world.as(kim);
  expect((await world.post(`${refused.path}/delegate`, { to: "user:zoe" })).status).toBe(409);
  const { path } = await waiting("handed");
  world.as(kim);
  const handed = await world.post(`${path}/delegate`, { to: "user:zoe", comment: "on holiday" });
  expect(await handed.json()).toMatchObject({
    delegations: [{ from: "user:kim", to: "user:zoe", as: ["team:sre"], comment: "on holiday" }],
  });
  expect((await world.post(`${path}/approve`)).status).toBe(403);
  world.as(person("zoe", { roles: ["viewer"] }));
  expect(await (await world.post(`${path}/approve`)).json()).toMatchObject({ status: "APPROVED" });
});

describe("with time", () => {
  it("others are brought in and approvers are reminded, each once", async () => {
    const { path, runId } = await waiting("late");
    world.pass(11 * 60_000);
    const escalated = await eventually(async () => {
      const approval = await shown(path);
      return approval.escalations[0]?.hasHappened && approval;
    });
    expect(escalated.mayDecide).toMatchObject({ escalatedTo: ["user:cto"], text: "team:sre, user:cto" });
    world.pass(44 * 60_000);
    await eventually(async () => (await shown(path)).remindedAt);
    const { items } = await world.client.listEvents({ params: { runId } });
    const told = items.filter(({ type }) => /reminded|escalated/.test(type));
    expect(told.map(({ type, actor }) => [type, actor])).toEqual([
      ["approval.escalated", "system"],
      ["approval.reminded", "system"],
    ]);
    world.as(person("cto", { roles: ["viewer"] }));
    expect((await world.post(`${path}/approve`)).status).toBe(200);
  });
});

it("whoever has left when the quorum closes is not counted", async () => {
  const { path } = await waiting("voted");
  world.as(kim);
  await world.post(`${path}/approve`);
  world.knows([person("kim", { teams: [], roles: ["viewer"] })]);
  world.as(max);
  const answer = (await (await world.post(`${path}/approve`)).json()) as Approval;
  world.knows([]);
  expect(answer).toMatchObject({ status: "PENDING", tally: { given: 1 } });
  expect(answer.decisions[0]).toMatchObject({ by: "user:kim", voided: expect.stringContaining("may not") });
});
