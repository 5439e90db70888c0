import { afterAll, beforeAll, expect, it } from "vitest";
import { createApp } from "../../../src/http/app.ts";
import { person } from "../../support/people.ts";
import { gate } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;
const ana = person("ana", { roles: ["admin"] });
const ben = person("ben", { roles: ["viewer"] });

beforeAll(async () => {
  world = await createWorld({ works: true });
  await world.client.createWorkflow({ body: { definition: gate("gate") } });
  await world.client.createWorkflow({ body: { definition: gate("two", "      quorum: 2\n") } });
});
afterAll(() => world.close());

async function linked(body: object = {}, workflowId = "gate") {
  world.as(ana);
  const { runId } = await world.client.startRun({ body: { workflowId } });
  const approval = await eventually(async () => {
    const { items } = await world.client.listRunApprovals({ params: { runId } });
    return items[0];
  });
  const path = `/api/v1/workflow-approvals/${approval.approvalId}`;
  const made = await world.post(`${path}/links`, body);
  expect(made.status).toBe(201);
  const link = (await made.json()) as { token: string; path: string; expiresAt: string };
  return { approval, path, link, state: () => world.get(`/api/v1/approval-links/${link.token}`) };
}

it("opening a link decides nothing, however often it is opened", async () => {
  const { approval, path, link, state } = await linked();
  expect(link.path).toBe(`/approvals/${approval.approvalId}?link=${link.token}`);
  world.as(ben);
  for (let i = 0; i < 3; i++) {
    const opened = await state();
    expect(opened.status).toBe(200);
    expect(await opened.json()).toMatchObject({
      approvalId: approval.approvalId,
      isUsable: true,
      because: null,
    });
  }
  expect(await (await world.get(path)).json()).toMatchObject({ status: "PENDING", decisions: [] });
});

it("a link is no credential: whoever comes by it must be somebody who may decide", async () => {
  const { path, link, state } = await linked();
  world.as(null);
  expect((await state()).status).toBe(401);
  expect((await world.post(`${path}/approve`, { link: link.token })).status).toBe(401);
  world.as(person("eve", { roles: ["admin"] }));
  const refused = await world.post(`${path}/approve`, { link: link.token });
  expect(refused.status).toBe(403);
  // It was not used up by that.
  world.as(ben);
  const decided = await world.post(`${path}/approve`, { link: link.token });
  expect(await decided.json()).toMatchObject({
    status: "APPROVED",
    decisions: [{ by: "user:ben", channel: "link" }],
  });
});

it("a link counts once; the same decision again is the same answer", async () => {
  const { path, link, state } = await linked({}, "two");
  world.as(ben);
  expect((await world.post(`${path}/approve`, { link: link.token })).status).toBe(200);
  const again = await world.post(`${path}/approve`, { link: link.token });
  expect(again.status).toBe(200);
  expect(await again.json()).toMatchObject({ status: "PENDING", decisions: [{ by: "user:ben" }] });
  world.as(ana);
  const used = await world.post(`${path}/approve`, { link: link.token });
  expect(used.status).toBe(410);
  expect(await used.json()).toMatchObject({ code: "link-used" });
  expect(await (await state()).json()).toMatchObject({ isUsable: false, because: "it has been used" });
  expect((await world.post(`${path}/approve`)).status).toBe(200);
});

it("of eight who use one link at once it counts for one", async () => {
  const { path, link } = await linked({}, "two");
  const sent = Array.from({ length: 8 }, (_, i) =>
    world.post(`${path}/approve`, { link: link.token }, world.by(i % 2 ? ana : ben)),
  );
  const answers = await Promise.all(sent);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 410]));
  const approval = (await (await world.get(path)).json()) as { decisions: unknown[] };
  expect(approval.decisions).toHaveLength(1);
});

it("a link that was made for somebody, for something else, too long ago, or elsewhere does not count", async () => {
  const { path, link } = await linked({ to: "user:ben", expiresInSeconds: 60 });
  const other = await linked();
  world.as(ana);
  const refusal = async (at: string, body: object) => {
    const response = await world.post(`${at}/approve`, body);
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  expect(await refusal(path, { link: link.token })).toEqual([400, "link-invalid"]);
  expect(await refusal(path, { link: other.link.token })).toEqual([400, "link-invalid"]);
  expect(await refusal(path, { link: `${link.token.slice(0, -4)}AAAA` })).toEqual([400, "link-invalid"]);
  world.as(ben);
  world.pass(61_000);
  expect(await refusal(path, { link: link.token })).toEqual([410, "link-expired"]);
  expect((await world.post(`${path}/approve`)).status).toBe(200);
  world.as(ana);
  expect((await world.post(`${path}/links`)).status).toBe(409);
});

it("a decision whose answer was lost can be sent again under its key", async () => {
  const { path } = await linked();
  world.as(ben);
  const key = { "idempotency-key": "once" };
  expect((await world.post(`${path}/approve`, { comment: "ok" }, key)).status).toBe(200);
  expect((await world.post(`${path}/approve`, { comment: "ok" }, key)).status).toBe(200);
  expect((await world.post(`${path}/reject`, { comment: "no" }, key)).status).toBe(422);
  expect((await world.post(`${path}/approve`, { comment: "ok" })).status).toBe(409);
});

it("without a key no links are made, and the answer says what to set", async () => {
  const { approval } = await linked();
  const { links: _, ...ports } = world.ports;
  const app = createApp(ports);
  const response = await app.request(`/api/v1/workflow-approvals/${approval.approvalId}/links`, {
    method: "POST",
  });
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({
    code: "links-off",
    detail: expect.stringContaining("STATION_LINK_KEYS"),
  });
});
