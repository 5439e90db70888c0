import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Definition } from "../../../src/core/definition/types.ts";
import { finishDeliveries } from "../../../src/engine/webhook/finish-deliveries.ts";
import { createApp } from "../../../src/http/app.ts";
import { person } from "../../support/people.ts";
import { ALERT, deliver, github, makeHook, standard, WAITING } from "./hooks.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;
const ana = person("ana", { roles: ["admin"] });
const otto = person("otto", { roles: ["operator"] });

beforeAll(async () => {
  world = await createWorld({ works: true });
  for (const definition of [ALERT, WAITING])
    await world.client.createWorkflow({ body: { definition: JSON.stringify(definition) } });
});
afterAll(() => world.close());
beforeEach(() => world.as(ana));

const runsOf = async (principal: string) => {
  const { items } = await world.client.listRuns({ query: { q: principal, limit: 200 } });
  return items;
};
const deliveriesOf = async (hookId: string) =>
  (await world.client.listHookDeliveries({ params: { hookId } })).items;
const event = (service = "checkout") => JSON.stringify({ service, severity: "high" });

describe("an event", () => {
  it("of GitHub starts a run in the hook's name, with the input that the hook maps", async () => {
    const hook = await makeHook(world, { name: "github" });
    world.as(null);
    const sent = await deliver(world, hook.path, event(), github(hook.secret, event(), "issues"));
    expect(sent).toMatchObject({ status: 202, body: { repeated: false } });
    world.as(ana);
    const runId = String(sent.body["runId"]);
    expect(await world.client.getRun({ params: { runId } })).toMatchObject({
      workflowId: "alert",
      startedBy: "hook:default/github",
      input: { service: "checkout", severity: "high" },
    });
    const { items } = await world.client.listEvents({ params: { runId } });
    expect(items[0]).toMatchObject({ type: "run.created", actor: "hook:default/github" });
    expect(await deliveriesOf(hook.hookId)).toMatchObject([
      { status: "STARTED", runId, eventType: "issues", deliveryId: sent.body["deliveryId"] },
    ]);
  });

  it("signed by the reference library of Standard Webhooks starts a run", async () => {
    const hook = await makeHook(world, { scheme: { type: "standard-webhooks" } });
    const at = new Date();
    const headers = {
      "content-type": "application/json",
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(hook.secret).sign("msg_1", at, event()),
    };
    expect((await deliver(world, hook.path, event(), headers)).status).toBe(202);
  });

  it("signed with a header of its own, as Slack does it, starts a run", async () => {
    const scheme = {
      type: "hmac",
      header: "X-Slack-Signature",
      prefix: "v0=",
      timestampHeader: "X-Slack-Request-Timestamp",
      signs: "v0:{timestamp}:{body}",
    };
    const secret = "8f742231b10e8888abcd99yyyzzz85a5";
    const hook = await makeHook(world, {
      scheme,
      secret,
      target: { type: "start-run", workflowId: "alert", input: { service: "{{ body.text }}" } },
    });
    expect(hook.secret).toBe(secret);
    const body = "token=xyzz0WbapA4vBCDEFasx0q6G&text=checkout+is+down";
    const time = String(Math.floor(Date.now() / 1000));
    const headers = {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      "x-slack-request-timestamp": time,
      "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex")}`,
    };
    const sent = await deliver(world, hook.path, body, headers);
    const run = await world.client.getRun({ params: { runId: String(sent.body["runId"]) } });
    expect(run.input).toEqual({ service: "checkout is down" });
  });

  it("with a token starts a run, and the token is kept as a hash", async () => {
    const hook = await makeHook(world, { scheme: { type: "bearer" } });
    const headers = { "content-type": "application/json", authorization: `Bearer ${hook.secret}` };
    expect((await deliver(world, hook.path, event(), headers)).status).toBe(202);
    const wrong = { ...headers, authorization: `Bearer ${hook.secret}x` };
    expect((await deliver(world, hook.path, event(), wrong)).status).toBe(401);
    const [delivery] = await deliveriesOf(hook.hookId);
    const shown = await world.get(`${hook.path}/deliveries/${delivery?.deliveryId}`);
    expect(await shown.text()).not.toContain(hook.secret);
    expect(JSON.stringify(await world.ports.store.hooks.find(hook.hookId))).not.toContain(hook.secret);
  });

  it("sent as GitHub's form is the JSON in it", async () => {
    const hook = await makeHook(world);
    const body = new URLSearchParams({ payload: event("cart") }).toString();
    const headers = {
      ...github(hook.secret, body),
      "content-type": "application/x-www-form-urlencoded",
    };
    const sent = await deliver(world, hook.path, body, headers);
    const run = await world.client.getRun({ params: { runId: String(sent.body["runId"]) } });
    expect(run.input).toEqual({ service: "cart", severity: "high" });
  });

  it("is a signal to the run that it names, and its words reach the run", async () => {
    const { runId } = await world.client.startRun({ body: { workflowId: "waiting" } });
    const hook = await makeHook(world, {
      target: {
        type: "signal",
        run: "{{ body.run }}",
        signal: "deployed",
        payload: { sha: "{{ body.sha }}" },
      },
    });
    const body = JSON.stringify({ run: runId, sha: "abc" });
    const sent = await deliver(world, hook.path, body, github(hook.secret, body));
    expect(sent).toMatchObject({ status: 202, body: { runId, repeated: false } });
    const again = await deliver(world, hook.path, body, github(hook.secret, body));
    expect(again).toMatchObject({ status: 202, body: { runId, repeated: true } });
    await eventually(async () => (await world.client.getRun({ params: { runId } })).status === "COMPLETED");
    expect(await world.client.getRun({ params: { runId } })).toMatchObject({ output: { sha: "abc" } });
  });

  it("may name its environment's runs and no others", async () => {
    await world.client.createWorkflow({
      body: { definition: JSON.stringify(WAITING), environment: "prod" },
    });
    const { runId } = await world.client.startRun({ body: { workflowId: "waiting", environment: "prod" } });
    const hook = await makeHook(world, {
      target: { type: "signal", run: "{{ body.run }}", signal: "deployed" },
    });
    const body = JSON.stringify({ run: runId });
    const sent = await deliver(world, hook.path, body, github(hook.secret, body));
    expect(sent).toMatchObject({
      status: 422,
      body: { code: "delivery-failed", detail: `run "${runId}" not found in environment "default"` },
    });
    expect((await world.client.getRun({ params: { runId } })).status).not.toBe("COMPLETED");
  });
});

describe("an event that comes again", () => {
  it("eight times at once starts one run, and all are told which", async () => {
    const hook = await makeHook(world, { name: "eight", scheme: { type: "standard-webhooks" } });
    const headers = standard(hook.secret, event(), { id: "msg_eight" });
    const sent = await Promise.all(
      Array.from({ length: 8 }, () => deliver(world, hook.path, event(), headers)),
    );
    expect(sent.map(({ status }) => status)).toEqual(Array(8).fill(202));
    expect(new Set(sent.map(({ body }) => body["runId"])).size).toBe(1);
    expect(sent.filter(({ body }) => body["repeated"] === false).length).toBe(1);
    expect((await runsOf("hook:default/eight")).length).toBe(1);
  });

  it("later and signed anew is the same event as long as it is remembered: a week", async () => {
    const hook = await makeHook(world, { scheme: { type: "standard-webhooks" } });
    const later = async (days: number) => {
      const at = world.ports.clock.now() + days * 86_400_000;
      world.pass(days * 86_400_000);
      return deliver(world, hook.path, event(), standard(hook.secret, event(), { id: "msg_late", at }));
    };
    const first = await later(0);
    const again = await later(6);
    expect(again.body).toMatchObject({ runId: first.body["runId"], repeated: true });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await later(2)).body).toMatchObject({ repeated: false });
  });

  it("under another delivery id, which GitHub does not sign, starts nothing", async () => {
    const hook = await makeHook(world);
    const first = await deliver(world, hook.path, event("seen"), github(hook.secret, event("seen")));
    const replay = await deliver(world, hook.path, event("seen"), {
      ...github(hook.secret, event("seen")),
      "x-github-delivery": "another",
      "x-github-event": "another",
    });
    expect(replay.body).toMatchObject({ runId: first.body["runId"], repeated: true });
    const other = await deliver(world, hook.path, event("new"), github(hook.secret, event("new")));
    expect(other.body).toMatchObject({ repeated: false });
  });

  it("is known by whatever the hook says", async () => {
    const by = async (identity: object, bodies: readonly object[], headers: Record<string, string> = {}) => {
      const hook = await makeHook(world, { scheme: { type: "bearer" }, identity });
      const runs: unknown[] = [];
      for (const one of bodies) {
        const sent = await deliver(world, hook.path, JSON.stringify({ service: "a", ...one }), {
          "content-type": "application/json",
          authorization: `Bearer ${hook.secret}`,
          ...headers,
        });
        runs.push(sent.body["runId"] ?? sent.status);
      }
      return new Set(runs).size;
    };
    const key = { "idempotency-key": "k1" };
    expect(await by({ by: "header", header: "Idempotency-Key" }, [{ n: 1 }, { n: 2 }], key)).toBe(1);
    expect(await by({ by: "template", template: "{{ body.n }}" }, [{ n: 1 }, { n: 1 }, { n: 2 }])).toBe(2);
    expect(await by({ by: "content" }, [{ n: 1 }, { n: 1 }, { n: 2 }])).toBe(2);
    expect(await by({ by: "nothing" }, [{ n: 1 }, { n: 1 }, { n: 2 }])).toBe(3);
  });

  it("without what its hook knows it by is refused, not done twice", async () => {
    const identity = { by: "header", header: "x-event-id" };
    const hook = await makeHook(world, { scheme: { type: "bearer" }, identity });
    const headers = { "content-type": "application/json", authorization: `Bearer ${hook.secret}` };
    expect(await deliver(world, hook.path, event(), headers)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/identity/header" }] },
    });
  });
});

describe("whoever is not the sender", () => {
  it("is refused for any byte that is changed, and told nothing of what is right", async () => {
    const hook = await makeHook(world, { name: "mutated" });
    const body = Buffer.from(event());
    const headers = github(hook.secret, event());
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = new Uint8Array(body);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const sent = await deliver(world, hook.path, changed, headers);
        expect([401, 429]).toContain(sent.status);
        expect(JSON.stringify(sent.body)).not.toContain(headers["x-hub-signature-256"]?.slice(7));
      }),
      { numRuns: 60 },
    );
    expect(await runsOf("hook:default/mutated")).toEqual([]);
    expect(await deliveriesOf(hook.hookId)).toEqual([]);
  });

  it("is told the same for a wrong secret, a wrong body and another hook's signature", async () => {
    const [one, other] = [await makeHook(world), await makeHook(world)];
    const details = async (headers: Record<string, string>, body = event()) => {
      const sent = await deliver(world, one.path, body, headers);
      expect(sent.status).toBe(401);
      return sent.body["detail"];
    };
    const told = new Set([
      await details(github("wrong-secret-of-nobody", event())),
      await details(github(one.secret, event()), "{}"),
      await details(github(other.secret, event())),
    ]);
    expect(told.size).toBe(1);
    const unsigned = await deliver(world, one.path, event(), { "content-type": "application/json" });
    expect(unsigned.status).toBe(401);
    expect(JSON.stringify(world.lines)).not.toContain(one.secret);
  });

  it("is refused with a message of another day, before and after its time", async () => {
    const hook = await makeHook(world, { scheme: { type: "standard-webhooks" } });
    const at = (seconds: number) =>
      deliver(
        world,
        hook.path,
        event(),
        standard(hook.secret, event(), { at: world.ports.clock.now() + seconds * 1000 }),
      );
    expect((await at(-310)).body).toMatchObject({
      status: 401,
      detail: "it was signed more than five minutes ago",
    });
    expect((await at(310)).status).toBe(401);
    expect((await at(-290)).status).toBe(202);
  });

  it("finds no hook where there is none, however it is signed", async () => {
    for (const headers of [
      github("some-secret-of-theirs", event()),
      standard("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", event()),
    ])
      expect((await deliver(world, "/api/v1/hooks/hook_none", event(), headers)).status).toBe(404);
  });

  it("is no more told why after many attempts, while the sender comes in", async () => {
    const hook = await makeHook(world);
    const statuses: number[] = [];
    for (let i = 0; i < 40; i++)
      statuses.push(
        (await deliver(world, hook.path, event(), github("wrong-secret-of-nobody", event()))).status,
      );
    expect(statuses.slice(0, 5)).toEqual(Array(5).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect((await deliver(world, hook.path, event(), github(hook.secret, event()))).status).toBe(202);
  });
});

describe("an event that comes to nothing", () => {
  it("for the hook's condition is answered with the reason", async () => {
    const hook = await makeHook(world, { when: 'body.severity == "high" and query.get("env") == "prod"' });
    const sent = await deliver(world, `${hook.path}?env=test`, event(), github(hook.secret, event()));
    expect(sent).toMatchObject({ status: 200, body: { ignored: expect.stringContaining("severity") } });
    expect(sent.body["runId"]).toBeUndefined();
    const fits = await deliver(world, `${hook.path}?env=prod&x=1`, event(), github(hook.secret, event()));
    expect(fits.status).toBe(202);
    expect((await deliveriesOf(hook.hookId)).map(({ status }) => status)).toEqual(["STARTED", "IGNORED"]);
  });

  it("because it is GitHub's ping is answered at once", async () => {
    const hook = await makeHook(world);
    const body = JSON.stringify({ zen: "Keep it logically awesome." });
    expect(await deliver(world, hook.path, body, github(hook.secret, body, "ping"))).toMatchObject({
      status: 200,
      body: { ignored: "ping" },
    });
  });

  it("because it does not fit hook or workflow is refused with the reasons, and kept", async () => {
    const hook = await makeHook(world);
    const send = (body: string) => deliver(world, hook.path, body, github(hook.secret, body));
    expect((await send('{"other": 1}')).body).toMatchObject({
      code: "delivery-failed",
      errors: [{ pointer: "/target/input", message: expect.stringContaining("body.service") }],
    });
    expect((await send('{"service": 7}')).body).toMatchObject({
      status: 422,
      errors: [{ pointer: "/input/service" }],
    });
    await world.client.disableWorkflow({ params: { id: "alert" } });
    expect((await send(event())).body).toMatchObject({
      detail: 'workflow "alert" is disabled in environment "default"',
    });
    await world.client.enableWorkflow({ params: { id: "alert" } });
    expect((await deliveriesOf(hook.hookId)).map(({ status }) => status)).toEqual(Array(3).fill("FAILED"));
    // What was refused has had no effect: it starts its run when it comes again.
    expect((await send(event())).body).toMatchObject({ repeated: false });
  });

  it("because nobody can read it is refused, and kept", async () => {
    const hook = await makeHook(world);
    const send = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
      deliver(world, hook.path, body, {
        ...github(hook.secret, ""),
        "x-hub-signature-256": `sha256=${createHmac("sha256", hook.secret).update(body).digest("hex")}`,
        "content-type": type,
      });
    expect((await send("<a/>", "text/xml")).body).toMatchObject({ status: 415 });
    expect((await send("{", "application/json")).body).toMatchObject({ status: 400 });
    expect((await send("a=1", "application/x-www-form-urlencoded")).status).toBe(400);
    expect((await send(new Uint8Array([0x22, 0xff, 0x22]), "application/json")).body).toMatchObject({
      status: 400,
      detail: "the body is not UTF-8",
    });
    expect((await deliveriesOf(hook.hookId)).map(({ status }) => status)).toEqual(Array(4).fill("FAILED"));
  });

  it("because it is nested too deep to be worked on is refused, and kept", async () => {
    const hook = await makeHook(world, { target: { type: "start-run", workflowId: "waiting" } });
    const body = `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    const sent = await deliver(world, hook.path, body, github(hook.secret, body));
    expect(sent.body).toMatchObject({ status: 400 });
    expect((await deliveriesOf(hook.hookId)).map(({ status }) => status)).toEqual(["FAILED"]);
  });

  it("because the hook is disabled is refused to its sender, and to nobody else", async () => {
    const hook = await makeHook(world);
    await world.client.disableHook({ params: { hookId: hook.hookId } });
    const send = (secret: string) => deliver(world, hook.path, event(), github(secret, event()));
    expect((await send(hook.secret)).body).toMatchObject({ status: 409, code: "hook-disabled" });
    expect((await send("wrong-secret-of-nobody")).status).toBe(401);
    await world.client.enableHook({ params: { hookId: hook.hookId } });
    expect((await send(hook.secret)).status).toBe(202);
  });

  it("because it is too large is refused before its signature is looked at", async () => {
    const hook = await makeHook(world);
    const body = JSON.stringify({ service: "x".repeat(1024 * 1024) });
    expect((await deliver(world, hook.path, body, github(hook.secret, body))).status).toBe(413);
  });

  it("because its sender sends too much is told when to come again", async () => {
    const hook = await makeHook(world);
    const app = createApp(world.ports, { rateLimit: 6 });
    const send = () =>
      app.request(hook.path, { method: "POST", body: event(), headers: github(hook.secret, event()) });
    expect((await send()).status).toBe(202);
    const late = await send();
    expect(late.status).toBe(429);
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("a hook's secret", () => {
  it("is shown once, kept encrypted, and in no log", async () => {
    const response = await world.post("/api/v1/hooks", {
      name: "shown",
      scheme: { type: "standard-webhooks" },
      target: { type: "start-run", workflowId: "alert" },
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { secret, hookId } = (await response.json()) as { secret: string; hookId: string };
    expect(secret).toMatch(/^whsec_/);
    for (const path of ["/api/v1/hooks", `/api/v1/hooks/${hookId}`, "/api/v1/admin-events"])
      expect(await (await world.get(path)).text()).not.toContain(secret);
    expect(JSON.stringify(await world.ports.store.hooks.find(hookId))).not.toContain(secret.slice(6));
    expect(JSON.stringify(world.lines)).not.toContain(secret);
  });

  it("is exchanged while both count for a time, and then the new one alone", async () => {
    const hook = await makeHook(world);
    const rotated = await world.client.rotateHook({
      params: { hookId: hook.hookId },
      body: { graceSeconds: 60 },
    });
    expect(rotated.previousSecretUntil).not.toBeNull();
    const send = async (secret: string, text: string) =>
      (await deliver(world, hook.path, event(text), github(secret, event(text)))).status;
    expect([await send(hook.secret, "1"), await send(rotated.secret, "2")]).toEqual([202, 202]);
    world.pass(61_000);
    expect([await send(hook.secret, "3"), await send(rotated.secret, "4")]).toEqual([401, 202]);
  });

  it("that a sender uses is good for its time, though the exchange was asked for again", async () => {
    const hook = await makeHook(world);
    const rotation = { params: { hookId: hook.hookId }, body: { graceSeconds: 60 } };
    await world.client.rotateHook(rotation); // an answer that nobody got
    await world.client.rotateHook(rotation);
    const send = async (text: string) =>
      (await deliver(world, hook.path, event(text), github(hook.secret, event(text)))).status;
    expect(await send("old 1")).toBe(202);
    await world.client.rotateHook({ ...rotation, body: { graceSeconds: 0 } });
    expect(await send("old 2")).toBe(401);
  });

  it("cannot be kept, and is not made, where no key is configured; a token can", async () => {
    const { vault: _vault, ...ports } = world.ports;
    const app = createApp(ports);
    const make = (name: string, type: string) =>
      app.request("/api/v1/hooks", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          name,
          scheme: { type },
          target: { type: "start-run", workflowId: "alert" },
        }),
      });
    const refused = await make("keyless", "github");
    expect(await refused.json()).toMatchObject({
      status: 409,
      code: "secrets-off",
      detail: expect.stringContaining("STATION_SECRET_KEYS"),
    });
    expect((await make("keyless", "bearer")).status).toBe(201);
    const hook = await makeHook(world);
    const sent = await app.request(hook.path, {
      method: "POST",
      body: event(),
      headers: github(hook.secret, event()),
    });
    expect(sent.status).toBe(503);
  });
});

describe("a hook that is asked for", () => {
  const target = { type: "start-run", workflowId: "alert" };
  it.each<[string, object, string, string]>([
    ["an unknown workflow", { target: { ...target, workflowId: "alrt" } }, "/target/workflowId", "alert"],
    ["a broken template", { target: { ...target, input: { a: "{{ body. }}" } } }, "/target/input", ""],
    ["an open template", { target: { ...target, input: "{{ body" } }, "/target/input", ""],
    ["an unknown name", { when: "payload.action == 'x'" }, "/when", "body, headers, query, event"],
    ["a broken condition", { when: "body.a ==" }, "/when", ""],
    ["a condition in braces", { when: "{{ body.a }} == 1" }, "/when", "write body.a == 1, without braces"],
    ["a credential for a header", { headers: ["Authorization"] }, "/headers/0", ""],
    [
      "a body that is not signed",
      { scheme: { type: "hmac", header: "x-s", signs: "{timestamp}", timestampHeader: "x-t" } },
      "/scheme/signs",
      "",
    ],
    [
      "a time that is not signed",
      { scheme: { type: "hmac", header: "x-s", signs: "{body}", timestampHeader: "x-t" } },
      "/scheme/signs",
      "",
    ],
    [
      "half a secret",
      { scheme: { type: "standard-webhooks" }, secret: "whsec_c2hvcnQ=xxxxxxxxx" },
      "/secret",
      "",
    ],
  ])("with %s is refused, and told where", async (_what, more, pointer, hint) => {
    const body = { name: "refused", scheme: { type: "github" }, target, ...more };
    const response = await world.post("/api/v1/hooks", body);
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as { errors: { pointer: string }[] };
    expect(errors.map((error) => error.pointer)).toContain(pointer);
    expect(JSON.stringify(errors)).toContain(hint);
  });

  it("under a name that is taken is refused; a deleted one's is free", async () => {
    const hook = await makeHook(world, { name: "taken" });
    const again = { name: "taken", scheme: { type: "github" }, target };
    expect((await world.post("/api/v1/hooks", again)).status).toBe(409);
    await world.client.deleteHook({ params: { hookId: hook.hookId } });
    expect((await world.post("/api/v1/hooks", again)).status).toBe(201);
    expect((await deliver(world, hook.path, event(), github(hook.secret, event()))).status).toBe(404);
  });

  it("may be changed afterwards, and whatever was done to it is on record", async () => {
    const hook = await makeHook(world, { name: "recorded" });
    const params = { hookId: hook.hookId };
    const changed = await world.client.changeHook({
      params,
      body: { target: { type: "signal", run: "{{ body.run }}", signal: "go" }, headers: ["X-Trace"] },
    });
    expect(changed).toMatchObject({ target: { type: "signal" }, headers: ["x-trace"], when: null });
    await world.client.rotateHook({ params, body: { graceSeconds: 0 } });
    await world.client.disableHook({ params });
    await world.client.enableHook({ params });
    await world.client.deleteHook({ params });
    const { items } = await world.client.listAdminEvents({ query: { limit: 6 } });
    expect(items.map(({ action }) => action)).toEqual(
      ["deleted", "enabled", "disabled", "rotated", "changed", "created"].map((done) => `hook.${done}`),
    );
    expect(items[0]).toMatchObject({ actor: ana.id, channel: "api", subject: "hook:default/recorded" });
  });
});

describe("deliveries", () => {
  it("are shown as they came, without credentials", async () => {
    const hook = await makeHook(world, { headers: ["x-trace"] });
    const headers = {
      ...github(hook.secret, event()),
      cookie: "a=b",
      authorization: "Bearer x",
      "x-trace": "t1",
      "x-other": "o1",
    };
    const sent = await deliver(world, `${hook.path}?token=abc&env=prod`, event(), headers);
    const delivery = await world.client.getHookDelivery({
      params: { hookId: hook.hookId, deliveryId: String(sent.body["deliveryId"]) },
    });
    expect(delivery).toMatchObject({
      status: "STARTED",
      body: event(),
      contentType: "application/json",
      query: { env: "prod" },
      redeliveredBy: null,
    });
    expect(Object.keys(delivery.headers).sort()).toEqual(["x-github-delivery", "x-github-event", "x-trace"]);
  });

  it("are a hundred of each hook, page by page", async () => {
    const hook = await makeHook(world);
    for (let n = 0; n < 103; n++) {
      const body = JSON.stringify({ zen: n });
      await deliver(world, hook.path, body, github(hook.secret, body, "ping"));
    }
    const params = { hookId: hook.hookId };
    const first = await world.client.listHookDeliveries({ params, query: { limit: 60 } });
    const cursor = first.nextCursor;
    expect(cursor).not.toBeNull();
    const rest = await world.client.listHookDeliveries({
      params,
      query: { limit: 60, cursor: String(cursor) },
    });
    expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([60, 40, null]);
    expect(new Set([...first.items, ...rest.items].map(({ deliveryId }) => deliveryId)).size).toBe(100);
  });

  it("that failed are done again by an operator, who is on record, once the reason is gone", async () => {
    const hook = await makeHook(world);
    const body = JSON.stringify({ svc: "checkout" });
    const failed = await deliver(world, hook.path, body, github(hook.secret, body));
    expect(failed.status).toBe(422);
    const input = { service: "{{ body.svc }}" };
    await world.client.changeHook({
      params: { hookId: hook.hookId },
      body: { target: { type: "start-run", workflowId: "alert", input } },
    });
    world.as(otto);
    const params = { hookId: hook.hookId, deliveryId: String(failed.body["deliveryId"]) };
    const done = await world.client.redeliverHook({ params });
    expect(done).toMatchObject({
      status: "STARTED",
      repeated: false,
      redeliveryOf: params.deliveryId,
      redeliveredBy: otto.id,
    });
    const run = await world.client.getRun({ params: { runId: String(done.runId) } });
    expect(run).toMatchObject({ startedBy: otto.id, input: { service: "checkout" } });
    // Again, or sent again by its sender, it is that run.
    expect(await world.client.redeliverHook({ params })).toMatchObject({ repeated: true, runId: done.runId });
    const sent = await deliver(world, hook.path, body, github(hook.secret, body));
    expect(sent.body).toMatchObject({ runId: done.runId, repeated: true });
    world.as(ana);
    const { items } = await world.client.listAdminEvents({ query: { limit: 1 } });
    expect(items).toMatchObject([{ action: "hook.redelivered", actor: otto.id }]);
  });

  it("whose body was too long to be kept cannot be done again", async () => {
    const hook = await makeHook(world, {
      target: { type: "start-run", workflowId: "alert", input: { service: "{{ body.service[0:3] }}" } },
    });
    const body = JSON.stringify({ service: "x".repeat(300_000) });
    const sent = await deliver(world, hook.path, body, github(hook.secret, body));
    expect(sent.status).toBe(202);
    const path = `${hook.path}/deliveries/${sent.body["deliveryId"]}`;
    expect(await (await world.get(path)).json()).toMatchObject({ body: null, bytes: body.length });
    expect((await world.post(`${path}/redeliver`)).status).toBe(409);
    expect((await world.post(`${hook.path}/deliveries/dlv_none/redeliver`)).status).toBe(404);
  });

  it("over which a process died are finished by another, with the one run of the event", async () => {
    const hook = await makeHook(world, { name: "orphaned" });
    const sent = await deliver(world, hook.path, event(), github(hook.secret, event()));
    const { deliveries } = world.ports.store.hooks;
    const found = await deliveries.find(hook.hookId, String(sent.body["deliveryId"]));
    if (!found) throw new Error("the delivery was not kept");
    const received = { status: "RECEIVED" } as const;
    const keep = { most: 100, since: 0 };
    // One died before its effect was kept, the other behind it.
    await deliveries.settle(found.id, found.eventId, received);
    const other = { ...found, id: `${found.id}X`, eventId: "other", outcome: received };
    await deliveries.add(other, keep);
    world.pass(61_000);
    expect((await deliveriesOf(hook.hookId)).map(({ status }) => status)).toEqual(
      Array(2).fill("INTERRUPTED"),
    );
    const stop = new AbortController();
    const finishing = finishDeliveries(world.ports, { everyMs: 10, deadAfterMs: 60_000 }, stop.signal);
    const done = await eventually(async () => {
      const all = await deliveriesOf(hook.hookId);
      return all.every(({ status }) => status === "STARTED") && all;
    });
    stop.abort();
    await finishing;
    expect(done.map(({ repeated }) => repeated)).toEqual([false, true]);
    expect(done[1]?.runId).toBe(sent.body["runId"]);
    expect((await runsOf("hook:default/orphaned")).length).toBe(2);
  });

  it("over which a process died wait for a newer program where only that knows the workflow, and hold up no other", async () => {
    const { hooks, workflows } = world.ports.store;
    await world.client.createWorkflow({ body: { definition: JSON.stringify({ ...ALERT, id: "risen" }) } });
    const target = { type: "start-run", workflowId: "risen" } as const;
    const hook = await makeHook(world, { name: "risen", target });
    const sent = await deliver(world, hook.path, event(), github(hook.secret, event()));
    const found = await hooks.deliveries.find(hook.hookId, String(sent.body["deliveryId"]));
    const known = await workflows.get("default", "risen");
    if (!found || !known) throw new Error("the delivery or the workflow was not kept");
    const publish = (definition: Definition, eventId: string) =>
      workflows.publish({ ...known, definition, eventId, at: 0, by: "user:ana", channel: "api" });
    const teleporting = { ...known.definition, states: [{ type: "teleport", name: "done" } as never] };
    await publish(teleporting, "adm_newer");
    const left = { ...found, id: `${found.id}X`, eventId: "left", outcome: { status: "RECEIVED" } as const };
    await hooks.deliveries.add(left, { most: 100, since: 0 });
    const more = Array.from({ length: 60 }, (_, at) => ({
      ...left,
      id: `${found.id}Y${at}`,
      eventId: `${at}`,
    }));
    for (const one of more) await hooks.deliveries.add(one, { most: 100, since: 0 });
    const other = await makeHook(world, { name: "beside-risen" });
    const { receivedAt } = found;
    const behind = { ...left, id: `${found.id}Z`, hookId: other.hookId, receivedAt: receivedAt + 1 };
    await hooks.deliveries.add(behind, { most: 100, since: 0 });
    world.pass(61_000);
    const stop = new AbortController();
    const finishing = finishDeliveries(world.ports, { everyMs: 10, deadAfterMs: 60_000 }, stop.signal);
    await eventually(async () =>
      world.lines.some(
        ({ message, facts }) =>
          message.endsWith("left to newer programs") &&
          (facts as { delivery_id?: string }).delivery_id === left.id,
      ),
    );
    await eventually(async () =>
      (await deliveriesOf(other.hookId)).every(({ status }) => status === "STARTED"),
    );
    await publish(known.definition, "adm_known");
    await eventually(async () =>
      (await deliveriesOf(hook.hookId)).every(({ status }) => status === "STARTED"),
    );
    stop.abort();
    await finishing;
    const risen = await hooks.deliveries.find(hook.hookId, left.id);
    expect(risen?.outcome).toMatchObject({ status: "STARTED", isRepeated: false });
    expect(await runsOf("hook:default/beside-risen")).toHaveLength(1);
  });

  it("may be tried: the answer says what would come of it, and nothing does", async () => {
    const hook = await makeHook(world, { name: "tried", when: 'headers.get("x-github-event") == "issues"' });
    const attempt = (body: object, headers = { "X-GitHub-Event": "issues" }) =>
      world.client.testHook({ params: { hookId: hook.hookId }, body: { body, headers } as never });
    expect(await attempt({ service: "a" })).toMatchObject({
      outcome: "start-run",
      workflowId: "alert",
      input: { service: "a", severity: "low" },
      errors: [],
    });
    expect(await attempt({ service: 1 })).toMatchObject({
      outcome: "failed",
      input: { service: 1 },
      errors: [{ pointer: "/input/service" }],
    });
    expect(await attempt({})).toMatchObject({ outcome: "failed", errors: [{ pointer: "/target/input" }] });
    expect(await attempt({}, { "X-GitHub-Event": "push" })).toMatchObject({ outcome: "ignored" });
    expect(await deliveriesOf(hook.hookId)).toEqual([]);
    expect(await runsOf("hook:default/tried")).toEqual([]);
  });

  it("is tried by the rules that its run begins by: with its schedule's input, and not without a key", async () => {
    const nightly = {
      ...ALERT,
      id: "nightly",
      schedule: { cron: "@daily", input: { service: "all" } },
      concurrency: { key: "{{ input.severity }}" },
    };
    await world.client.createWorkflow({ body: { definition: JSON.stringify(nightly) } });
    const target = { type: "start-run", workflowId: "nightly", input: "{{ body }}" };
    const hook = await makeHook(world, { name: "tried-nightly", target });
    const attempt = (body: object) =>
      world.client.testHook({ params: { hookId: hook.hookId }, body: { body } as never });
    const begun = async (body: object) => {
      const text = JSON.stringify(body);
      return (await deliver(world, hook.path, text, github(hook.secret, text))).status;
    };
    expect([await begun({ severity: "low" }), await attempt({ severity: "low" })]).toMatchObject([
      202,
      { outcome: "start-run", errors: [] },
    ]);
    expect([await begun({ service: "a" }), await attempt({ service: "a" })]).toMatchObject([
      422,
      { outcome: "failed", errors: [{ message: expect.stringContaining('"concurrency.key"') }] },
    ]);
  });
});
