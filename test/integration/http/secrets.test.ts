import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createVault } from "../../../src/adapters/vault/vault.ts";
import { examineSecrets } from "../../../src/engine/kept-secrets.ts";
import { secretsOf } from "../../../src/engine/notify/secrets.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { createApp } from "../../../src/http/app.ts";
import { createClient } from "../../../src/http/client.ts";
import { stnFor } from "../cli/stn.ts";
import { ALERT, deliver, github, makeHook } from "./hooks.ts";
import { createWorld, type World } from "./world.ts";

// A key of STATION_SECRET_KEYS is replaced: what it has sealed is sealed anew, and then it can go.

const [OLD, FRESH, FRESHER] = ["v", "f", "g"].map((letter) => letter.repeat(32)) as [string, string, string];
let world: World;
/** What happens around each change of a hook's sealed secrets. */
let around: (reseal: () => Promise<boolean>) => Promise<boolean>;

beforeAll(async () => {
  const watched = (store: Store): Store => {
    const reseal: Store["hooks"]["reseal"] = (...args) => around(() => store.hooks.reseal(...args));
    return { ...store, hooks: { ...store.hooks, reseal } };
  };
  world = await createWorld({ around: watched });
  await world.client.createWorkflow({ body: { definition: JSON.stringify(ALERT) } });
});
beforeEach(() => {
  around = (reseal) => reseal();
});
afterAll(() => world.close());

/** The same deployment with other keys, the newest first. */
function withKeys(...keys: readonly [string, ...string[]]) {
  const ports = { ...world.ports, vault: createVault(keys) };
  const app = createApp(ports);
  const client = createClient({ baseUrl: "http://station", fetch: (sent) => app.request(sent) });
  const request: World["request"] = async (method, path, init = {}) => app.request(path, { ...init, method });
  return { ports, app, client, world: { ...world, request } as World };
}

const webhook = { kind: "webhook" as const, url: "https://example.com/hook" };
const delivered = async (at: ReturnType<typeof withKeys>, hook: { path: string; secret: string }) => {
  const body = JSON.stringify({ service: "checkout" });
  return (await deliver(at.world, hook.path, body, github(hook.secret, body))).status;
};
const resealedEvents = async () => {
  const { items } = await world.client.listAdminEvents({ query: { limit: 100 } });
  return items.filter(({ action }) => action.endsWith(".resealed")).map(({ subject }) => subject);
};

it("moves every secret to the newest key, and a crash in the middle loses and doubles nothing", async () => {
  const first = await makeHook(world, { name: "first" });
  const second = await makeHook(world, { name: "second" });
  const token = await makeHook(world, { name: "token", scheme: { type: "bearer" } });
  const rotated = await world.client.rotateHook({
    params: { hookId: second.hookId },
    body: { graceSeconds: 3600 },
  });
  const { secret } = await world.client.createSubscription({
    body: { name: "told", types: ["run.failed"], channel: webhook },
  });
  expect(token.secret).not.toBe(secret);

  const both = withKeys(FRESH, OLD);
  const owners = ["first", "second"].map((name) => `hook "${name}" in environment "default"`);
  const older = [...owners, 'subscription "told" in environment "default"'];
  expect(await both.client.getSecrets({})).toEqual({ newest: 0, older, unreadable: [] });
  expect(await examineSecrets(both.ports)).toMatchObject({
    ok: true,
    detail:
      "0 under the newest key, 3 under an older one of STATION_SECRET_KEYS: stn secrets rotate, before it goes",
  });
  expect(await examineSecrets(withKeys(FRESH).ports)).toMatchObject({
    ok: false,
    detail: `no key of STATION_SECRET_KEYS opens what is kept of ${older[0]} and of 2 more`,
  });

  // It dies after the first was kept, before anybody heard.
  around = async (reseal) => {
    await reseal();
    throw new Error("the process died here");
  };
  await expect(both.client.resealSecrets({ body: {} })).rejects.toThrow();
  around = (reseal) => reseal();
  expect(await both.client.getSecrets({})).toMatchObject({ newest: 1, older: older.slice(1) });
  expect(await delivered(both, first)).toBe(202);

  expect(await both.client.resealSecrets({ body: { limit: 1 } })).toMatchObject({ resealed: 1, newest: 2 });
  const cli = await stnFor({ app: both.app, ports: both.ports }).run(["secrets", "rotate"]);
  expect([cli.code, cli.err]).toEqual([0, expect.stringContaining("1 moved, 3 are under the newest key")]);
  expect(await both.client.resealSecrets({ body: {} })).toMatchObject({ resealed: 0, older: [] });

  // The old key is gone, and everybody is believed and signed to as before.
  const alone = withKeys(FRESH);
  expect(await examineSecrets(alone.ports)).toMatchObject({ ok: true, detail: "3 under the newest key" });
  for (const hook of [first, second, { ...second, secret: rotated.secret }])
    expect(await delivered(alone, hook)).toBe(202);
  const told = await world.ports.store.notifications.find("default", "told");
  const { channel } = told ?? expect.unreachable();
  const now = world.ports.clock.now();
  const [signing] = secretsOf(
    alone.ports,
    told ?? expect.unreachable(),
    channel as never,
    now,
  ) as Uint8Array[];
  expect(secret).toContain(Buffer.from(signing ?? []).toString("base64"));
  expect((await resealedEvents()).sort()).toEqual([
    "hook:default/first",
    "hook:default/second",
    "subscription:default/told",
  ]);
});

it("takes back no secret that somebody gives at the same moment", async () => {
  const made = await makeHook(world, { name: "aaa" });
  const both = withKeys(FRESHER, OLD, FRESH);
  let given = "";
  let kept: boolean | null = null;
  around = async (reseal) => {
    const rotation = { params: { hookId: made.hookId }, body: { graceSeconds: 0 } };
    given = (await both.client.rotateHook(rotation)).secret;
    kept = await reseal();
    return kept;
  };
  // The first in order is this one.
  expect(await both.client.resealSecrets({ body: { limit: 1 } })).toMatchObject({ resealed: 0, newest: 1 });
  expect(kept).toBe(false);
  around = (reseal) => reseal();
  const { code } = await stnFor({ app: both.app, ports: both.ports }).run(["secrets", "rotate"]);
  expect(code).toBe(0);
  expect(await delivered(withKeys(FRESHER), { ...made, secret: given })).toBe(202);
});

it("says what no key opens, and ends with findings", async () => {
  await makeHook(withKeys(OLD).world, { name: "fourth" });
  const none = withKeys("n".repeat(32));
  const listed = await stnFor({ app: none.app, ports: none.ports }).run(["secrets", "list"]);
  expect(listed.out).toContain('hook "fourth" in environment "default"\tnone that is here');
  const { code, err } = await stnFor({ app: none.app, ports: none.ports }).run(["secrets", "rotate"]);
  expect([code, err]).toEqual([3, expect.stringContaining("put the key back")]);
  const { vault: _, ...ports } = world.ports;
  const off = createApp(ports);
  const response = await off.request("/api/v1/secrets/reseal", { method: "POST" });
  expect(await response.json()).toMatchObject({ code: "secrets-off" });
  expect(await examineSecrets(ports)).toMatchObject({
    ok: false,
    detail: expect.stringContaining("STATION_SECRET_KEYS is not set for"),
  });
});
