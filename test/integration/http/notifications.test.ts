import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMailer } from "../../../src/adapters/smtp/mailer.ts";
import { createApp } from "../../../src/http/app.ts";
import { startMailServer } from "../../support/mail-server.ts";
import { person } from "../../support/people.ts";
import { type Received, startReceiver } from "../../support/receiver.ts";
import { stnFor } from "../cli/stn.ts";
import { gate } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

const SUBSCRIPTIONS = "/api/v1/notifications/subscriptions";
const DELIVERIES = "/api/v1/notifications/deliveries";
const ben = person("ben@example.com");

let world: World;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let mail: Awaited<ReturnType<typeof startMailServer>>;

/** Who may decide is written by address; the message is what an agent might have written. */
const asking = gate("asking")
  .replace('["user:ana", "user:ben"]', '["user:ben@example.com", "team:leads"]')
  .replace("May it happen?", '"May it happen, <!channel>? Not in \\u202edorp."');
const doomed = `id: doomed
states:
  - { name: choose, type: switch, conditions: [{if: "1 > 2", next: done}] }
  - { name: done, type: inject, data: {}, end: true }
`;

beforeAll(async () => {
  receiver = await startReceiver();
  mail = await startMailServer();
  const mailer = createMailer({ url: `smtp://${mail.host}`, from: "station@example.com" });
  world = await createWorld({ works: true, mailer });
  for (const definition of [asking, doomed])
    for (const environment of ["default", "prod"])
      await world.client.createWorkflow({ body: { definition, environment } });
});
afterAll(async () => {
  await world.close();
  await receiver.close();
  await mail.close();
});
beforeEach(() => {
  world.as("user:ana");
  receiver.received.length = 0;
});

const hook = (path = "/hook") => ({ kind: "webhook", url: receiver.url + path });

async function subscribed(name: string, body: object) {
  const made = await world.post(SUBSCRIPTIONS, { name, types: ["run.failed"], ...body });
  expect(made.status).toBe(201);
  return (await made.json()) as { readonly secret: string | null; readonly channel: object };
}

const start = (workflowId: string, more = {}) => world.client.startRun({ body: { workflowId, ...more } });
const arrived = (isIt: (request: Received) => boolean) =>
  eventually(async () => receiver.received.find(isIt));
const mailed = (to: string, runId: string) =>
  eventually(async () => mail.taken.find((one) => one.to[0] === to && plain(one.text).includes(runId)));

/** Quoted-printable as it reads. */
function plain(text: string): string {
  return text.replaceAll(/=\r\n/g, "").replaceAll("=3D", "=");
}

describe("a subscription", () => {
  it("is told of a run's failure within moments, and its secret is shown once and kept nowhere in clear", async () => {
    const made = await subscribed("once", { channel: hook("/once") });
    const secret = made.secret ?? "";
    expect(secret).toMatch(/^whsec_/);
    const { runId } = await start("doomed");
    const { body } = await arrived(({ path }) => path === "/once");
    expect(JSON.parse(body)).toMatchObject({ type: "run.failed", data: { runId, workflowId: "doomed" } });
    const known = await Promise.all(
      [`${SUBSCRIPTIONS}/once`, SUBSCRIPTIONS, DELIVERIES, "/api/v1/admin-events"].map(async (path) =>
        (await world.get(path)).text(),
      ),
    );
    const row = await world.ports.store.notifications.find("default", "once");
    expect(JSON.stringify([known, row, world.lines])).not.toContain(secret);
    expect(known[3]).toContain("subscription.created");
    expect((await world.post(`${SUBSCRIPTIONS}/once/rotate`)).headers.get("cache-control")).toBe("no-store");
  });

  it("is only told of its own environment, workflows and labels", async () => {
    await subscribed("prod-web", {
      environment: "prod",
      workflows: ["doomed"],
      labels: { team: "web" },
      channel: hook("/prod-web"),
    });
    await start("doomed", { labels: { team: "web" } });
    await start("doomed", { environment: "prod", labels: { team: "db" } });
    const { runId } = await start("doomed", { environment: "prod", labels: { team: "web", more: "1" } });
    await arrived(({ path, body }) => path === "/prod-web" && body.includes(runId));
    expect(receiver.received.filter(({ path }) => path === "/prod-web")).toHaveLength(1);
  });

  it("is changed, stopped, tried out and removed, and each leaves an event", async () => {
    await subscribed("life", { channel: hook("/life") });
    const put = await world.json("PUT", `${SUBSCRIPTIONS}/life`, {
      types: ["run.completed", "run.failed"],
      channel: hook("/other"),
    });
    expect(await put.json()).toMatchObject({
      types: ["run.failed", "run.completed"].sort(),
      channel: { target: `${receiver.url}/other` },
      secret: null,
    });
    const tried = await world.post(`${SUBSCRIPTIONS}/life/test`);
    expect(await tried.json()).toEqual({
      results: [{ recipient: null, delivered: true, status: 200, answer: "ok", error: null }],
    });
    expect(receiver.received.at(-1)?.path).toBe("/other");
    expect(await (await world.post(`${SUBSCRIPTIONS}/life/disable`)).json()).toMatchObject({
      status: "disabled",
      disabledBy: "user:ana",
      disabledBecause: "operator",
    });
    expect(await (await world.post(`${SUBSCRIPTIONS}/life/enable`)).json()).toMatchObject({
      status: "enabled",
    });
    expect((await world.request("DELETE", `${SUBSCRIPTIONS}/life`)).status).toBe(204);
    expect((await world.get(`${SUBSCRIPTIONS}/life`)).status).toBe(404);
    const { items } = await world.client.listAdminEvents({});
    expect(
      items.filter(({ subject }) => subject === "subscription:default/life").map(({ action }) => action),
    ).toEqual([
      "subscription.removed",
      "subscription.enabled",
      "subscription.disabled",
      "subscription.tested",
      "subscription.changed",
      "subscription.created",
    ]);
  });

  it.each([
    [{ channel: { kind: "webhook" } }, 422, "/channel/url"],
    [{ channel: { kind: "webhook", url: "http://169.254.169.254/latest" } }, 422, "/channel/url"],
    [{ channel: { kind: "slack", url: "file:///etc/passwd" } }, 422, "/channel/url"],
    [{ channel: { kind: "mail", to: ["ops"] } }, 422, "/channel/to/0"],
    [{ channel: { kind: "mail" } }, 422, "/channel/to"],
    [{ channel: { kind: "mail", to: ["a@b"], url: "https://example.com" } }, 422, "/channel/url"],
    [{ channel: { kind: "slack", url: "https://example.com", approvers: true } }, 422, "/channel/to"],
    [{ channel: { kind: "mail", to: ["a@b"] }, template: { text: "{{ data.wrong }}" } }, 422, "/template"],
    [{ channel: { kind: "webhook", url: "https://example.com" }, template: { text: "x" } }, 422, "/template"],
    [{ channel: { kind: "mail", to: ["a@b"] }, types: ["run.faild"] }, 422, "/types/0"],
  ])("that cannot be is refused where it is wrong: %j", async (body, status, pointer) => {
    const refused = await world.post(SUBSCRIPTIONS, { name: "wrong", types: ["run.failed"], ...body });
    expect(refused.status).toBe(status);
    expect(await refused.json()).toMatchObject({ code: "validation", errors: [{ pointer }] });
  });

  it("has a name of its own, and needs a key to keep its secret with", async () => {
    await subscribed("taken", { channel: hook() });
    const again = await world.post(SUBSCRIPTIONS, { name: "taken", types: ["run.failed"], channel: hook() });
    expect([again.status, await again.json()]).toEqual([
      409,
      expect.objectContaining({ code: "subscription-exists" }),
    ]);
    const { vault: _, ...keyless } = world.ports;
    const response = await createApp(keyless).request(SUBSCRIPTIONS, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "keyless", types: ["run.failed"], channel: hook() }),
    });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: "secrets-off",
      detail: expect.stringContaining("STATION_SECRET_KEYS"),
    });
  });
});

describe("an approval", () => {
  it("is written to its approver with a link that lets them decide, once, and nobody else by it", async () => {
    await subscribed("approvers", {
      types: ["approval.requested"],
      channel: { kind: "mail", to: ["ops@example.com"], approvers: true },
    });
    const { runId } = await start("asking");
    const [own, other] = [await mailed("ben@example.com", runId), await mailed("ops@example.com", runId)];
    const linkIn = (text: string) => /approvals\/(apr_\w+)\?link=(\S+)/.exec(plain(text)) ?? [];
    const [, approvalId, token] = linkIn(own.text);
    const opened = await world.get(`/api/v1/approval-links/${token}`);
    expect(await opened.json()).toMatchObject({ approvalId, to: "user:ben@example.com" });
    const [, , forAll] = linkIn(other.text);
    expect(await (await world.get(`/api/v1/approval-links/${forAll}`)).json()).toMatchObject({ to: null });

    const approve = `/api/v1/workflow-approvals/${approvalId}/approve`;
    expect((await world.post(approve, { link: token })).status).not.toBe(200);
    world.as(ben);
    expect((await world.post(approve, { link: token })).status).toBe(200);
    const run = await world.client.getRun({ params: { runId } });
    expect(["RUNNING", "COMPLETED"]).toContain(run.status);
  });

  it("is told to Slack without acting on what was written into it, and with a link for whoever may decide", async () => {
    const url = `${receiver.url}/services/T0/B0/slack-secret`;
    const made = await subscribed("slack", {
      types: ["approval.requested", "approval.decided"],
      channel: { kind: "slack", url },
    });
    expect(JSON.stringify(made)).not.toContain("slack-secret");
    const { runId } = await start("asking");
    const asked = await arrived(({ path, body }) => path.endsWith("slack-secret") && body.includes(runId));
    const { text } = JSON.parse(asked.body) as { text: string };
    expect(text).toContain("*Approval needed: ask (asking in default)*");
    expect(text).toContain("May it happen, &lt;!channel&gt;? Not in \\u202edorp.");
    const [, approvalId = "", token = ""] = /approvals\/(apr_\w+)\?link=(\S+)/.exec(text) ?? [];
    expect(await (await world.get(`/api/v1/approval-links/${token}`)).json()).toMatchObject({
      to: null,
      isUsable: true,
    });
    world.as(ben);
    await world.post(`/api/v1/workflow-approvals/${approvalId}/reject`, { comment: "not today" });
    const decided = await arrived(({ body }) => body.includes("Rejected by user:ben@example.com"));
    expect(JSON.parse(decided.body).text).toContain("not today");
    expect(decided.body).not.toContain("?link=");
    const known = await (await world.get(`${DELIVERIES}?subscription=slack`)).text();
    expect(known).not.toContain("slack-secret");
    expect(known).not.toContain(token);
    expect(JSON.stringify(world.lines)).not.toContain("slack-secret");
  });
});

describe("deliveries", () => {
  it("are listed page by page, shown with what was answered, and sent again by an operator", async () => {
    await subscribed("listed", { channel: hook("/listed") });
    const runs = [await start("doomed"), await start("doomed"), await start("doomed")];
    for (const { runId } of runs)
      await arrived(({ path, body }) => path === "/listed" && body.includes(runId));
    const list = `${DELIVERIES}?subscription=listed&limit=2`;
    const first = await eventually(async () => {
      const page = (await (await world.get(list)).json()) as {
        items: { status: string }[];
        nextCursor: string;
      };
      return page.items.every(({ status }) => status === "DELIVERED") && page;
    });
    const rest = (await (await world.get(`${list}&cursor=${first.nextCursor}`)).json()) as {
      items: object[];
    };
    expect([first.items.length, rest.items.length]).toEqual([2, 1]);
    const [{ notificationId }] = rest.items as [{ notificationId: string }];
    expect((await world.get(`${DELIVERIES}?subscription=once&cursor=${first.nextCursor}`)).status).toBe(400);

    world.as(person("olga", { roles: ["operator"] }));
    const shown = await world.get(`${DELIVERIES}/${notificationId}`);
    expect(await shown.json()).toMatchObject({
      status: "DELIVERED",
      attempts: 1,
      latest: { status: 200, answer: "ok", error: null },
      payload: { type: "run.failed" },
    });
    receiver.received.length = 0;
    expect((await world.post(`${DELIVERIES}/${notificationId}/redeliver`)).status).toBe(200);
    const again = await arrived(({ path }) => path === "/listed");
    expect(again.headers["webhook-id"]).toBe(notificationId);
    world.as("user:ana");
    await world.request("DELETE", `${SUBSCRIPTIONS}/listed`);
    const gone = await world.post(`${DELIVERIES}/${notificationId}/redeliver`);
    expect([gone.status, await gone.json()]).toEqual([
      409,
      expect.objectContaining({ code: "subscription-gone" }),
    ]);
  });
});

describe("the command line", () => {
  const stn = (...argv: string[]) => stnFor(world).run(["notifications", ...argv]);

  it("makes a subscription with its secret alone on stdout, tries it, and lists what was told", async () => {
    const made = await stn(
      "create",
      "cli",
      "--on",
      "run.failed",
      "--webhook",
      `${receiver.url}/cli`,
      "--label",
      "a=1",
    );
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^whsec_\S+\n$/) });
    expect(made.err).toContain("it is not shown again");
    expect(await stn("test", "cli")).toMatchObject({ code: 0, out: expect.stringContaining("delivered") });
    receiver.answers(() => ({ status: 500, body: "boom" }));
    expect(await stn("test", "cli")).toMatchObject({
      code: 1,
      out: expect.stringContaining("it answered 500"),
    });
    receiver.answers(() => ({ status: 200, body: "ok" }));
    const { runId } = await start("doomed", { labels: { a: "1" } });
    await arrived(({ path, body }) => path === "/cli" && body.includes(runId));
    const listed = await stn("deliveries", "--run", runId, "--subscription", "cli", "-o", "id");
    expect((await stn("redeliver", listed.out.trim())).code).toBe(0);
    expect((await stn("delivery", listed.out.trim())).out).toContain('"run.failed"');
    expect((await stn("list")).out).toContain(`cli\tenabled\twebhook\t${receiver.url}/cli`);
    expect((await stn("disable", "cli")).out).toBe("default\tcli\tdisabled\n");
    expect((await stn("enable", "cli")).out).toBe("default\tcli\tenabled\n");
    expect((await stn("rotate", "cli", "--grace", "0s")).out).toMatch(/^whsec_/);
    expect((await stn("change", "cli", "--on", "run.cancelled", "run.failed")).out).toBe("");
    expect(JSON.parse((await stn("show", "cli")).out)).toMatchObject({
      types: ["run.failed", "run.cancelled"],
      labels: { a: "1" },
      channel: { target: `${receiver.url}/cli` },
    });
    expect((await stn("delete", "cli")).code).toBe(2);
    expect((await stn("delete", "cli", "--yes")).code).toBe(0);
    expect((await stn("show", "cli")).code).toBe(5);
  });

  it("takes a Slack address from stdin, and asks where to when nobody said", async () => {
    const piped = stnFor(world).run(["notifications", "create", "piped", "--slack", "-"], {
      input: `${receiver.url}/piped\n`,
    });
    expect((await piped).code).toBe(0);
    // Its address is shown nowhere, and stays when something else is changed.
    expect((await stn("change", "piped", "--text", "{{ data.runId }} failed")).code).toBe(0);
    await stn("test", "piped");
    expect(receiver.received.at(-1)?.path).toBe("/piped");
    expect(
      (await stn("change", "piped", "--mail", "ops@example.com", "--text", "{{ nothing }}")).err,
    ).toContain("/template");
    expect((await stn("create", "nowhere")).err).toContain("--webhook <url>");
    expect((await stn("create", "x", "--mail", "a@b", "--on", "run.faild")).code).toBe(2);
    expect((await stn("create", "x", "--mail", "a@b", "--label", "novalue")).code).toBe(2);
    expect((await stn("deliveries", "--status", "lost")).err).toContain("dead");
  });
});
