import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyRing, type KeyRing } from "../../../src/engine/key-ring.ts";
import { type App, createApp } from "../../../src/http/app.ts";
import { authenticating } from "../../../src/http/auth/authenticate.ts";
import { localUser } from "../../../src/http/auth/local-user.ts";
import { routeList } from "../../../src/http/contract.ts";
import type { HttpOptions } from "../../../src/http/ports.ts";
import { checkAnswer } from "./answers.ts";
import { createWorld, type World } from "./world.ts";

// Who is let in, with real credentials. One test or more for every threat of src/http/README.md.

const TOKEN = "deployment-token-of-32-characters-or-more";
let world: World;
let ring: KeyRing;
let app: App;

beforeAll(async () => {
  world = await createWorld();
  ring = createKeyRing(world.ports);
  app = asking();
});
afterAll(async () => {
  await ring.close();
  await world.close();
});

function asking(options: HttpOptions = {}): App {
  const authenticate = authenticating({ keyRing: ring, tokens: [TOKEN] });
  return createApp({ ...world.ports, keyRing: ring, authenticate }, options);
}

async function send(path: string, token: string | null, init: RequestInit = {}, to = app) {
  const headers = { ...init.headers, ...(token !== null && { authorization: `Bearer ${token}` }) };
  const response = await to.request(path, { ...init, headers });
  await checkAnswer(world.ports.schemas, init.method ?? "GET", path, response.clone());
  return response;
}
async function read(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
const post = (path: string, token: string | null, body: unknown = {}) =>
  send(path, token, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });

let made = 0;
async function key(scopes: readonly string[] = ["runs:read"], more: Record<string, unknown> = {}) {
  const name = `key-${++made}`;
  const response = await post("/api/v1/keys", TOKEN, { name, scopes, ...more });
  expect(response.status).toBe(201);
  return { name, text: String((await read(response))["key"]) };
}

describe("keys", () => {
  it("the deployment's own token makes the first one, which is shown once and kept as a hash", async () => {
    const response = await post("/api/v1/keys", TOKEN, { name: "ci", scopes: ["runs:write"] });
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { key: text, ...issued } = await read(response);
    expect(text).toMatch(/^stn_default_ci_[A-Za-z0-9]{43}$/);
    expect(issued).toMatchObject({
      principal: "key:default/ci",
      status: "active",
      createdBy: "key:*/deployment",
      scopes: ["runs:write"],
      lastUsedAt: null,
    });
    const days = (Date.parse(String(issued["expiresAt"])) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    const listed = await (await send("/api/v1/keys", TOKEN)).text();
    expect(listed).toContain('"ci"');
    expect(listed).not.toContain(String(text).slice(-20));
    expect(JSON.stringify(world.lines)).not.toContain(String(text).slice(-20));
    expect(JSON.stringify(await world.ports.store.keys.find("default", "ci"))).not.toContain(
      String(text).slice(-20),
    );
    expect(await read(await send("/api/v1/me", String(text)))).toEqual({
      id: "key:default/ci",
      kind: "key",
      name: "ci",
      teams: [],
      access: [{ environment: "default", roles: [], scopes: ["runs:read", "runs:write"] }],
    });
  });

  it("what a key does is done in its name", async () => {
    const { text, name } = await key(["workflows:write"]);
    const definition = {
      id: `by-${name}`,
      start: "a",
      states: [{ name: "a", type: "inject", data: {}, end: true }],
    };
    const response = await post("/api/v1/workflows", text, { definition });
    expect(response.status).toBe(201);
    const versions = await send(`/api/v1/workflows/by-${name}/versions`, text);
    expect(await read(versions)).toMatchObject({ items: [{ createdBy: `key:default/${name}` }] });
  });

  it("no key is called as the deployment's own, in whose name its bearer would act", async () => {
    const own = { name: "deployment", environment: "*", scopes: ["admin"] };
    expect(await read(await post("/api/v1/keys", TOKEN, own))).toMatchObject({
      status: 409,
      code: "key-exists",
    });
    const other = await post("/api/v1/keys", TOKEN, { ...own, environment: "default" });
    expect(await read(other)).toMatchObject({ principal: "key:default/deployment" });
  });

  it("a key's name is never given twice", async () => {
    const { name } = await key();
    const again = () => post("/api/v1/keys", TOKEN, { name, scopes: ["runs:read"] });
    expect(await read(await again())).toMatchObject({ status: 409, code: "key-exists" });
    await post(`/api/v1/keys/${name}/revoke`, TOKEN);
    expect((await again()).status).toBe(409);
    const elsewhere = { name, scopes: ["runs:read"], environment: "other" };
    expect((await post("/api/v1/keys", TOKEN, elsewhere)).status).toBe(201);
  });

  it("a rotated key has a new secret, and the one before for as long as was said", async () => {
    const { name, text } = await key();
    const rotated = await read(await post(`/api/v1/keys/${name}/rotate`, TOKEN, { graceSeconds: 60 }));
    const status = async (one: unknown) => (await send("/api/v1/me", String(one))).status;
    expect([await status(text), await status(rotated["key"])]).toEqual([200, 200]);
    // Whoever never saw that answer asks again: what programs still call with is as good as before.
    const again = await read(await post(`/api/v1/keys/${name}/rotate`, TOKEN, { graceSeconds: 60 }));
    expect(await Promise.all([text, rotated["key"], again["key"]].map(status))).toEqual([200, 200, 200]);
    world.pass(61_000);
    expect(await Promise.all([text, rotated["key"], again["key"]].map(status))).toEqual([401, 401, 200]);
    const now = await read(await post(`/api/v1/keys/${name}/rotate`, TOKEN, { graceSeconds: 0 }));
    expect(await Promise.all([again["key"], now["key"]].map(status))).toEqual([401, 200]);
    expect((await post("/api/v1/keys/none/rotate", TOKEN)).status).toBe(404);
  });

  it("a revoked key is refused at once, an expired one in time, and its bearer is told which", async () => {
    const { name, text } = await key(["runs:read"], {
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await post(`/api/v1/keys/${name}/revoke`, TOKEN);
    const revoked = await send("/api/v1/me", text);
    expect(await read(revoked)).toMatchObject({ status: 401, detail: `key default/${name} was revoked` });
    expect(revoked.headers.get("www-authenticate")).toBe('Bearer realm="station", error="invalid_token"');
    const short = await key(["runs:read"], { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    world.pass(3_700_000);
    expect(await read(await send("/api/v1/me", short.text))).toMatchObject({
      detail: `key default/${short.name} has expired`,
    });
    const past = { name: "past", scopes: ["runs:read"], expiresAt: "2020-01-01T00:00:00.000Z" };
    expect(await read(await post("/api/v1/keys", TOKEN, past))).toMatchObject({ status: 422 });
  });

  it("a revoked key, or one that has expired, is told nothing more by streams that are open", async () => {
    const watching = asking({ recheckMs: 20 });
    const followed = async (text: string) => {
      const stream = await watching.request("/api/v1/stream", {
        headers: { authorization: `Bearer ${text}` },
      });
      expect(stream.status).toBe(200);
      return stream;
    };
    const { name, text } = await key();
    const revoked = (await followed(text)).text();
    await post(`/api/v1/keys/${name}/revoke`, TOKEN);
    expect(await revoked).toContain(": logged out");
    const expiresAt = new Date(world.ports.clock.now() + 3_600_000).toISOString();
    const expired = (await followed((await key(["runs:read"], { expiresAt })).text)).text();
    world.pass(3_700_000);
    expect(await expired).toContain(": logged out");
  });

  it("an environment's admin makes keys there and nowhere else, and sees no others", async () => {
    const admin = await key(["admin"], { environment: "mine" });
    const wanted = { name: "theirs", scopes: ["runs:read"] };
    expect((await post("/api/v1/keys", admin.text, { ...wanted, environment: "mine" })).status).toBe(201);
    expect((await post("/api/v1/keys", admin.text, { ...wanted, environment: "other" })).status).toBe(404);
    expect((await post("/api/v1/keys/ci/revoke?environment=default", admin.text)).status).toBe(404);
    const { items } = (await read(await send("/api/v1/keys", admin.text))) as {
      items: { environment: string }[];
    };
    expect(new Set(items.map(({ environment }) => environment))).toEqual(new Set(["mine"]));
    const events = await (await send("/api/v1/admin-events", admin.text)).text();
    expect(events).toContain("key:mine/theirs");
    expect(events).not.toContain("key:default");
  });

  it("whoever made, rotated or revoked one is on record", async () => {
    const { name } = await key();
    await post(`/api/v1/keys/${name}/rotate`, TOKEN, {});
    await post(`/api/v1/keys/${name}/revoke`, TOKEN);
    await post(`/api/v1/keys/${name}/revoke`, TOKEN);
    const { items } = (await read(await send("/api/v1/admin-events?limit=3", TOKEN))) as { items: object[] };
    const subject = `key:default/${name}`;
    expect(items).toMatchObject(
      ["key.revoked", "key.rotated", "key.created"].map((action) => ({
        action,
        subject,
        actor: "key:*/deployment",
        channel: "api",
      })),
    );
  });

  it("a use is written down, without a write for every request", async () => {
    const { name, text } = await key();
    for (let i = 0; i < 20; i++) await send("/api/v1/me", text);
    expect(await world.ports.store.keys.find("default", name)).toMatchObject({ lastUsedAt: null });
    await ring.flush();
    expect((await world.ports.store.keys.find("default", name))?.lastUsedAt).toBeGreaterThan(0);
  });
});

describe("whoever proves nothing", () => {
  it("is told to send a key", async () => {
    const response = await send("/api/v1/workflows", null);
    expect(await read(response)).toMatchObject({
      status: 401,
      detail: "Station asks who you are: send a key as `Authorization: Bearer stn_…`, or log in",
    });
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="station"');
  });

  it("is not let in by half a key, another's secret, or no scheme", async () => {
    const { name, text } = await key();
    const wrong = [
      text.slice(0, -1),
      `${text}x`,
      text.replace(name, "ci"),
      text.replace("stn_default", "stn_other"),
      text.toUpperCase(),
      TOKEN.slice(1),
      "stn_",
      "a.b.c",
    ];
    for (const token of wrong) expect((await send("/api/v1/me", token)).status, token).toBe(401);
    const basic = await app.request("/api/v1/me", {
      headers: { authorization: `Basic ${btoa(`x:${TOKEN}`)}` },
    });
    expect(basic.status).toBe(401);
  });

  it("is no more told why after many attempts, while right credentials from the same address come in", async () => {
    const own = asking();
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await send("/api/v1/me", `wrong-${i}`, {}, own)).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(-10)).toEqual(Array(10).fill(429));
    const late = await send("/api/v1/me", "wrong", {}, own);
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await send("/api/v1/me", TOKEN, {}, own)).status).toBe(200);
  });
});

describe("a caller's haste", () => {
  it("is told how much is left, and when to come again", async () => {
    const own = asking({ rateLimit: 12 });
    const first = await send("/api/v1/me", TOKEN, {}, own);
    expect(first.headers.get("ratelimit-policy")).toBe('"burst";q=2;w=10, "minute";q=12;w=60');
    expect(first.headers.get("ratelimit")).toMatch(/^"burst";r=1;t=\d+$/);
    await send("/api/v1/me", TOKEN, {}, own);
    const late = await send("/api/v1/me", TOKEN, {}, own);
    expect(await read(late)).toMatchObject({ status: 429, code: "rate-limited" });
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(late.headers.get("ratelimit")).toMatch(/r=0/);
    const { text } = await key();
    expect((await send("/api/v1/me", text, {}, own)).status).toBe(200);
  });
});

describe("web pages", () => {
  it("no page of another origin may read, unless it was named", async () => {
    const from = (origin: string, to: App) =>
      to.request("/api/v1/me", { headers: { origin, authorization: `Bearer ${TOKEN}` } });
    expect((await from("https://app.example", app)).headers.get("access-control-allow-origin")).toBeNull();
    const open = asking({ corsOrigins: ["https://app.example"] });
    const named = await from("https://app.example", open);
    expect(named.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(named.headers.get("access-control-allow-credentials")).toBeNull();
    expect((await from("https://evil.example", open)).headers.get("access-control-allow-origin")).toBeNull();
    const asked = await open.request("/api/v1/workflow-runs", {
      method: "OPTIONS",
      headers: { origin: "https://app.example", "access-control-request-method": "POST" },
    });
    expect(asked.status).toBe(204);
    const sendable = asked.headers.get("access-control-allow-headers")?.split(",") ?? [];
    const read = routeList.flatMap(([, { headers }]) => Object.keys(headers?.properties ?? {}));
    expect(sendable).toEqual(
      expect.arrayContaining(["authorization", "content-type", "idempotency-key", ...read]),
    );
    const shown = named.headers.get("access-control-expose-headers")?.split(",") ?? [];
    expect(shown).toEqual(expect.arrayContaining(["idempotent-replayed", "preference-applied"]));
  });

  it("a name that was made to lead to this machine is refused", async () => {
    const local = createApp({ ...world.ports, authenticate: localUser(["station.test"]) });
    const at = async (host: string) => (await local.request(`http://${host}/api/v1/me`)).status;
    for (const host of ["localhost:8585", "127.0.0.1:8585", "[::1]:8585", "app.localhost", "station.test"])
      expect([host, await at(host)]).toEqual([host, 200]);
    for (const host of ["evil.example:8585", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"])
      expect([host, await at(host)]).toEqual([host, 403]);
  });

  it("every answer forbids frames, foreign scripts and guessed types", async () => {
    for (const path of ["/api/v1/me", "/healthz", "/nowhere"]) {
      const { headers } = await app.request(path);
      expect(headers.get("content-security-policy"), path).toMatch(/default-src 'self'/);
      expect(headers.get("content-security-policy"), path).toMatch(/frame-ancestors 'none'/);
      expect(headers.get("content-security-policy"), path).not.toMatch(/script-src[^;]*unsafe/);
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("referrer-policy"), path).toBe("no-referrer");
    }
  });
});
