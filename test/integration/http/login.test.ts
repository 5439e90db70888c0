import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyRing } from "../../../src/engine/key-ring.ts";
import { type App, createApp } from "../../../src/http/app.ts";
import type { HttpOptions } from "../../../src/http/ports.ts";
import { admissionOf } from "../../../src/main/admission.ts";
import { describeProblems, loadConfig } from "../../../src/main/config.ts";
import { startOidcProvider } from "../../support/oidc-provider.ts";
import { createWorld, type World } from "./world.ts";

// People, by the tokens and logins of a real OpenID Connect provider on the wire.

const PUBLIC = "https://station.test";
const CLIENT = { clientId: "station", clientSecret: "a secret of the client & more" };
const ALICE = { email: "alice@example.com", email_verified: true, name: "Alice", groups: ["platform"] };
let world: World;
let provider: Awaited<ReturnType<typeof startOidcProvider>>;
let app: App;

beforeAll(async () => {
  world = await createWorld();
  provider = await startOidcProvider(CLIENT);
  app = await serving({});
});
afterAll(async () => {
  await world.ports.keyRing.close();
  await provider.close();
  await world.close();
});

async function serving(env: Record<string, string>, options: HttpOptions = {}): Promise<App> {
  const loaded = loadConfig({
    HOST: "0.0.0.0",
    STATION_PUBLIC_URL: PUBLIC,
    STATION_OIDC_ISSUER: provider.issuer,
    STATION_OIDC_CLIENT_ID: CLIENT.clientId,
    STATION_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    STATION_OIDC_ROLES: "platform=operator@prod, leads=admin, *=viewer@prod",
    ...env,
  });
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  const admit = await admissionOf(loaded.config);
  const keyRing = createKeyRing(world.ports);
  return createApp({ ...world.ports, keyRing, ...admit(world.ports, keyRing) }, options);
}

const me = async (init: RequestInit, to = app) => {
  const response = await to.request(`${PUBLIC}/api/v1/me`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const bearing = (token: string, to = app) => me({ headers: { authorization: `Bearer ${token}` } }, to);

describe("a token of the provider", () => {
  it("is a user with teams, and roles by the rules", async () => {
    expect(await bearing(await provider.sign(ALICE))).toEqual({
      status: 200,
      body: {
        id: "user:alice@example.com",
        kind: "user",
        name: "Alice",
        teams: ["platform"],
        access: [{ environment: "prod", roles: ["operator", "viewer"], scopes: ["runs:read", "runs:write"] }],
      },
    });
  });

  it.each([
    ["for somebody else", { aud: "another" }, /"aud"/],
    ["of another provider", { iss: "https://evil.example" }, /"iss"/],
    ["that has expired", { exp: 1_000_000 }, /has expired/],
    ["that is not good yet", { nbf: 4_000_000_000 }, /"nbf"/],
    ["without an end", { exp: undefined as unknown as number }, /"exp"/],
    ["with an address nobody verified", { email_verified: false }, /has not verified/],
    ["without a name", { email: "" }, /has no "email"/],
  ])("%s lets nobody in, and says why", async (_what, claims, why) => {
    const { status, body } = await bearing(await provider.sign({ ...ALICE, ...claims }));
    expect(status).toBe(401);
    expect(body["detail"]).toMatch(why);
  });

  it("a clock that goes wrong by less than half a minute does not matter", async () => {
    const now = Math.floor(Date.now() / 1000);
    expect((await bearing(await provider.sign({ ...ALICE, exp: now - 10, nbf: now + 10 }))).status).toBe(200);
  });

  it("that somebody else signed, with their key, the client's secret or none at all, lets nobody in", async () => {
    const theirs = await provider.sign(ALICE, await provider.newKey());
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      ...ALICE,
      iss: provider.issuer,
      aud: CLIENT.clientId,
      sub: "s",
      iat: now,
      exp: now + 60,
    };
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(CLIENT.clientSecret));
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `${part({ alg: "none" })}.${part(claims)}.`;
    const good = await provider.sign(ALICE);
    const [head, , signature] = good.split(".");
    const changed = `${head}.${part({ ...claims, groups: ["leads"] })}.${signature}`;
    for (const token of [theirs, shared, unsigned, changed]) expect((await bearing(token)).status).toBe(401);
  });

  it("is proven with keys that are read once, and again when the provider turns them", async () => {
    const own = await serving({});
    const before = provider.seen.keys;
    for (let i = 0; i < 10; i++) expect((await bearing(await provider.sign(ALICE), own)).status).toBe(200);
    expect(provider.seen.keys - before).toBe(1);
  });

  it("cannot be proven while the provider is away: that is nobody's fault", async () => {
    const away = await serving({ STATION_OIDC_ISSUER: "http://127.0.0.1:9" });
    const { status, body } = await bearing(await provider.sign(ALICE), away);
    expect([status, body["part"]]).toEqual([503, "identity-provider"]);
  });
});

/** A browser: keeps cookies, follows nothing by itself. */
function browser(to = () => app) {
  const jar = new Map<string, string>();
  const send = async (path: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await to().request(`${PUBLIC}${path}`, {
      ...init,
      headers: { ...init.headers, cookie },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/max-age=0/i.test(set)) jar.delete(name);
      else jar.set(name, value);
      expect(set).toMatch(/^__Host-[^;]+; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/);
    }
    return response;
  };
  const login = async (returnTo = "/runs") => {
    const sent = await send(`/auth/login?return=${encodeURIComponent(returnTo)}`);
    expect(sent.status).toBe(302);
    const back = await fetch(sent.headers.get("location") ?? "", { redirect: "manual" });
    const { pathname, search } = new URL(back.headers.get("location") ?? "");
    return { path: pathname + search, arrive: () => send(pathname + search) };
  };
  return { jar, send, login };
}

describe("a browser", () => {
  it("logs in, is known, and is nobody again after logging out, with a copied cookie too", async () => {
    provider.is(ALICE);
    const { jar, send, login } = browser();
    const arrived = await (await login("/runs?status=FAILED")).arrive();
    expect([arrived.status, arrived.headers.get("location")]).toEqual([302, "/runs?status=FAILED"]);
    expect([...jar.keys()]).toEqual(["__Host-stn"]);
    const known = await send("/api/v1/me");
    expect(await known.json()).toMatchObject({ id: "user:alice@example.com", teams: ["platform"] });
    const stolen = `__Host-stn=${jar.get("__Host-stn")}`;
    expect(stolen).not.toContain("alice");
    expect((await send("/auth/logout", { method: "POST" })).status).toBe(204);
    expect(jar.size).toBe(0);
    expect((await send("/api/v1/me")).status).toBe(401);
    expect((await me({ headers: { cookie: stolen } })).status).toBe(401);
  });

  it("is known by every process of the deployment, with secrets that are being replaced too", async () => {
    provider.is(ALICE);
    const other = await serving({});
    const { jar, login } = browser();
    await (await login()).arrive();
    const cookie = `__Host-stn=${jar.get("__Host-stn")}`;
    expect((await me({ headers: { cookie } }, other)).status).toBe(200);
    const [older, newer] = ["older secret", "newer secret"].map((one) => one.replace(" ", "-").repeat(3));
    const stranger = await serving({ STATION_SESSION_SECRET: newer ?? "" });
    expect((await me({ headers: { cookie } }, stranger)).status).toBe(401);
    const before = await serving({ STATION_SESSION_SECRET: older ?? "" });
    const visitor = browser(() => before);
    await (await visitor.login()).arrive();
    const kept = `__Host-stn=${visitor.jar.get("__Host-stn")}`;
    const turned = await serving({ STATION_SESSION_SECRET: `${newer},${older}` });
    expect((await me({ headers: { cookie: kept } }, turned)).status).toBe(200);
    expect((await me({ headers: { cookie: kept } }, stranger)).status).toBe(401);
  });

  it("stays known while it is used, under new ids, until the day is over; without use it is nobody", async () => {
    provider.is(ALICE);
    const { jar, send, login } = browser();
    await (await login()).arrive();
    const known = async () => (await send("/api/v1/me")).status;
    const held = () => jar.get("__Host-stn") ?? "";
    const atFirst = held();
    expect([await known(), held()]).toEqual([200, atFirst]);
    for (let hour = 1; hour <= 10; hour++) {
      const before = held();
      world.pass(3_600_000);
      expect(await known()).toBe(200);
      expect(held()).not.toBe(before);
    }
    world.pass(3_599_000);
    expect(await known()).toBe(200);
    world.pass(3_602_000);
    expect(await known()).toBe(401);
    await (await login()).arrive();
    world.pass(2 * 3_600_000);
    expect(await known()).toBe(401);
  });

  it("is known by its earlier id only for requests that are under way, and a new login ends the one before", async () => {
    provider.is(ALICE);
    const { jar, send, login } = browser();
    await (await login()).arrive();
    const cookie = () => ({ headers: { cookie: `__Host-stn=${jar.get("__Host-stn")}` } });
    const copied = cookie();
    world.pass(3_600_000);
    const both = await Promise.all([send("/api/v1/me"), send("/api/v1/me")]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await me(copied)).status).toBe(200);
    world.pass(31_000);
    // An answer may have been lost: until the browser comes with the new id, the earlier one is good.
    expect((await me(copied)).status).toBe(200);
    expect((await send("/api/v1/me")).status).toBe(200);
    expect((await me(copied)).status).toBe(401);
    const replaced = cookie();
    expect((await me(replaced)).status).toBe(200);
    await (await login()).arrive();
    expect((await me(replaced)).status).toBe(401);
    expect((await me(cookie())).status).toBe(200);
  });

  it("is nobody at once, in every process and by every id it has had, when it logs out", async () => {
    provider.is(ALICE);
    const other = await serving({});
    const { jar, send, login } = browser();
    await (await login()).arrive();
    const copies = [];
    for (let i = 0; i < 3; i++) {
      copies.push({ headers: { cookie: `__Host-stn=${jar.get("__Host-stn")}` } });
      world.pass(20 * 60_000);
      await send("/api/v1/me");
    }
    copies.push({ headers: { cookie: `__Host-stn=${jar.get("__Host-stn")}` } });
    expect((await me(copies[3] ?? {}, other)).status).toBe(200);
    await send("/auth/logout", { method: "POST" });
    for (const copy of copies)
      expect([(await me(copy)).status, (await me(copy, other)).status]).toEqual([401, 401]);
  });

  it("is told nothing more by streams that are open when it logs out, elsewhere too", async () => {
    provider.is(ALICE);
    const other = await serving({}, { recheckMs: 20 });
    const { jar, send, login } = browser();
    await (await login()).arrive();
    const headers = { cookie: `__Host-stn=${jar.get("__Host-stn")}` };
    const stream = await other.request(`${PUBLIC}/api/v1/stream`, { headers });
    expect(stream.status).toBe(200);
    const all = stream.text();
    await send("/auth/logout", { method: "POST" });
    expect(await all).toContain(": logged out");
  });

  it("lasts as long as is configured, also when that is shortened later", async () => {
    provider.is(ALICE);
    const short = await serving({ STATION_SESSION_SECONDS: "600", STATION_SESSION_IDLE_SECONDS: "120" });
    const { jar, send, login } = browser(() => short);
    await (await login()).arrive();
    for (let i = 0; i < 5; i++) {
      world.pass(110_000);
      expect((await send("/api/v1/me")).status).toBe(200);
    }
    world.pass(60_000);
    expect((await send("/api/v1/me")).status).toBe(401);
    const long = browser();
    await (await long.login()).arrive();
    const cookie = `__Host-stn=${long.jar.get("__Host-stn")}`;
    world.pass(130_000);
    expect((await me({ headers: { cookie } })).status).toBe(200);
    expect((await me({ headers: { cookie } }, short)).status).toBe(401);
    expect(jar.size).toBeLessThanOrEqual(1);
  });

  it("cannot be made to finish a login that it did not begin, nor one twice", async () => {
    provider.is(ALICE);
    const [attacker, victim] = [browser(), browser()];
    const theirs = await attacker.login();
    expect((await victim.send(theirs.path)).status).toBe(401);
    await victim.login();
    expect((await victim.send(theirs.path)).status).toBe(401);
    const own = await victim.login();
    expect((await own.arrive()).status).toBe(302);
    expect((await own.arrive()).status).toBe(401);
    const denied = await victim.send("/auth/callback?error=access_denied&state=x");
    expect(denied.status).toBe(401);
  });

  it("that was not let in is shown the login page, which says why, and only a moment long", async () => {
    const page = { accept: "text/html,application/xhtml+xml" };
    const methods = async (visitor: ReturnType<typeof browser>) =>
      (await (await visitor.send("/auth/methods")).json()) as { refusal: string | null };
    provider.is({ ...ALICE, email_verified: false });
    const visitor = browser();
    const { path } = await visitor.login("/runs?status=FAILED");
    const refused = await visitor.send(path, { headers: page });
    expect([refused.status, refused.headers.get("location")]).toEqual([
      302,
      "/login?return=%2Fruns%3Fstatus%3DFAILED",
    ]);
    expect((await methods(visitor)).refusal).toMatch(/has not verified the token's "email"/);
    expect((await methods(browser())).refusal).toBeNull();
    provider.is(ALICE);
    expect((await (await visitor.login()).arrive()).status).toBe(302);
    expect((await methods(visitor)).refusal).toBeNull();
    // Whoever leads a person there with words of their own puts none of them on the page.
    const lured = browser();
    await lured.send("/auth/callback?error=x&error_description=Call+0800+123", { headers: page });
    expect((await methods(lured)).refusal).toMatch(/not begun in this browser/);
    const away = await serving({ STATION_OIDC_ISSUER: "http://127.0.0.1:9" });
    const stranded = browser(() => away);
    expect((await stranded.send("/auth/login", { headers: page })).headers.get("location")).toMatch(
      /^\/login/,
    );
    expect((await methods(stranded)).refusal).toMatch(/identity provider cannot be reached/);
  });

  it("comes back to this server and to no other", async () => {
    provider.is(ALICE);
    for (const evil of [
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "javascript:x",
    ]) {
      const arrived = await (await browser().login(evil)).arrive();
      expect([evil, arrived.headers.get("location")]).toEqual([evil, "/"]);
    }
    const foreign = await (await browser().login("/workflows/größe 資料?q=→")).arrive();
    expect(foreign.headers.get("location")).toBe(
      "/workflows/gr%C3%B6%C3%9Fe%20%E8%B3%87%E6%96%99?q=%E2%86%92",
    );
  });

  it("changes nothing for a page of another origin, and cannot be logged out by one", async () => {
    provider.is({ ...ALICE, groups: ["leads"] });
    const { send, login } = browser();
    await (await login()).arrive();
    const write = (headers: Record<string, string>, path = "/api/v1/workflow-runs") =>
      send(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ workflowId: "none" }),
      });
    expect((await write({ origin: PUBLIC, "sec-fetch-site": "same-origin" })).status).toBe(404);
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "same-site" },
    ]) {
      const page = headers as unknown as Record<string, string>;
      expect((await write(page)).status).toBe(403);
      expect((await write(page, "/auth/logout")).status).toBe(403);
    }
  });

  it("is told where nobody can log in", async () => {
    const response = await world.app.request("/auth/login");
    expect(await response.json()).toMatchObject({
      code: "not-found",
      detail: expect.stringContaining("STATION_OIDC_ISSUER"),
    });
  });
});

describe("the configuration", () => {
  it("lists what is missing, and what nobody could do anything with", () => {
    const loaded = loadConfig({
      STATION_OIDC_ISSUER: "http://login.example",
      STATION_OIDC_USER_CLAIM: "sub",
    });
    expect(loaded.ok ? [] : loaded.problems.map(({ name }) => name)).toEqual([
      "STATION_OIDC_ISSUER",
      "STATION_OIDC_CLIENT_ID",
      "STATION_OIDC_ROLES",
    ]);
    expect(loaded.warnings.map(({ name }) => name)).toEqual(["STATION_PUBLIC_URL"]);
    const limits = { STATION_SESSION_SECONDS: "3600", STATION_SESSION_IDLE_SECONDS: "7200" };
    const refused = loadConfig({ STATION_OIDC_ISSUER: provider.issuer, ...limits });
    expect(refused.ok ? [] : refused.problems.map(({ name }) => name)).toContain(
      "STATION_SESSION_IDLE_SECONDS",
    );
    expect(loadConfig({ STATION_OIDC_ROLES: "*=viewer" }).warnings.map(({ name }) => name)).toEqual([
      "STATION_OIDC_ROLES",
    ]);
  });
});
