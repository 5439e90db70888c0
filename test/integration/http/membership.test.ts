import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKeyRing } from "../../../src/engine/key-ring.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { type App, createApp } from "../../../src/http/app.ts";
import { admissionOf } from "../../../src/main/admission.ts";
import { describeProblems, loadConfig } from "../../../src/main/config.ts";
import { startOidcProvider } from "../../support/oidc-provider.ts";
import { createWorld, eventually, type World } from "./world.ts";

// Who people are when their voices are counted, by a real OpenID Connect provider on the wire.

const PUBLIC = "https://station.test";
const CLIENT = { clientId: "station", clientSecret: "a secret of the client & more" };
const HOUR = 3_600_000;
const TWO_OF_SRE = `id: two
version: "1.0"
name: Two
states:
  - name: ask
    type: operation
    action: human.approval
    input: { message: May it happen?, approvers: ["team:sre"], quorum: 2, timeoutSeconds: 864000 }
    end: true
`;
let world: World;
let provider: Awaited<ReturnType<typeof startOidcProvider>>;
let keyRing: ReturnType<typeof createKeyRing>;
let app: App;
/** What happens right after somebody was looked up, once. */
let onceLookedUp: (() => Promise<void>) | null = null;

beforeAll(async () => {
  const watched = (store: Store): Store => {
    const find: Store["vouched"]["find"] = async (users) => {
      const found = await store.vouched.find(users);
      const happens = onceLookedUp;
      onceLookedUp = null;
      await happens?.();
      return found;
    };
    return { ...store, vouched: { ...store.vouched, find } };
  };
  world = await createWorld({ works: true, around: watched });
  provider = await startOidcProvider(CLIENT);
  keyRing = createKeyRing(world.ports);
  await world.client.createWorkflow({ body: { definition: TWO_OF_SRE } });
});
afterAll(async () => {
  await keyRing.close();
  await provider.close();
  await world.close();
});
beforeEach(async () => {
  app = await serving();
});

async function serving(env: Record<string, string> = {}): Promise<App> {
  const loaded = loadConfig({
    HOST: "0.0.0.0",
    STATION_PUBLIC_URL: PUBLIC,
    STATION_OIDC_ISSUER: provider.issuer,
    STATION_OIDC_CLIENT_ID: CLIENT.clientId,
    STATION_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    STATION_OIDC_ROLES: "*=approver",
    ...env,
  });
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  const admit = await admissionOf(loaded.config);
  return createApp({ ...world.ports, ...admit(world.ports, keyRing), keyRing });
}

const claims = (name: string, groups: readonly string[]) => ({
  ...{ email: `${name}@example.com`, email_verified: true, name, groups: [...groups] },
});

/** Somebody with a token that the provider gives them now: it says their groups. */
async function bearer(name: string, groups: readonly string[]) {
  const iat = Math.floor(world.ports.clock.now() / 1000);
  const token = await provider.sign({ ...claims(name, groups), iat, exp: iat + 86_400 });
  return { authorization: `Bearer ${token}` };
}

/** Somebody who logs in with a browser. */
async function visitor(name: string, groups: readonly string[]) {
  const iat = Math.floor(world.ports.clock.now() / 1000);
  provider.is({ ...claims(name, groups), iat, exp: iat + 86_400 });
  const begun = await app.request(`${PUBLIC}/auth/login`);
  const [attempt = ""] = begun.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
  const back = await fetch(begun.headers.get("location") ?? "", { redirect: "manual" });
  const { pathname, search } = new URL(back.headers.get("location") ?? "");
  const arrived = await app.request(`${PUBLIC}${pathname}${search}`, { headers: { cookie: attempt } });
  expect(arrived.status).toBe(302);
  const session = arrived.headers.getSetCookie().find((one) => one.startsWith("__Host-stn="));
  return { cookie: session?.split(";")[0] ?? "" };
}

async function asked() {
  const { runId } = await world.client.startRun({ body: { workflowId: "two" } });
  const { approvalId } = await eventually(
    async () => (await world.client.listRunApprovals({ params: { runId } })).items[0],
  );
  const params = { approvalId };
  return {
    say: (who: Record<string, string>) =>
      app.request(`${PUBLIC}/api/v1/workflow-approvals/${approvalId}/approve`, {
        method: "POST",
        headers: { ...who, "content-type": "application/json" },
        body: "{}",
      }),
    now: () => world.client.getApproval({ params }),
  };
}

it("whoever has left the team by the newest word of the provider has not approved", async () => {
  const { say, now } = await asked();
  const zoe = await bearer("zoe", ["sre"]);
  expect((await say(zoe)).status).toBe(200);
  world.pass(1000);
  await app.request(`${PUBLIC}/api/v1/me`, { headers: await bearer("zoe", ["sales"]) });
  expect((await say(await bearer("ben", ["sre"]))).status).toBe(200);
  expect(await now()).toMatchObject({
    status: "PENDING",
    decisions: [
      { by: "user:zoe@example.com", voided: expect.stringContaining("may not approve") },
      { by: "user:ben@example.com", voided: null },
    ],
  });
  // A token from before does not bring them back, and neither does another process know less.
  await app.request(`${PUBLIC}/api/v1/me`, { headers: zoe });
  app = await serving();
  expect((await say(await bearer("cleo", ["sre"]))).status).toBe(200);
  expect((await now()).status).toBe("APPROVED");
});

it("whoever has left the team closes no quorum with a token from before", async () => {
  const { say, now } = await asked();
  expect((await say(await bearer("ben", ["sre"]))).status).toBe(200);
  const old = await bearer("max", ["sre"]);
  world.pass(1000);
  await app.request(`${PUBLIC}/api/v1/me`, { headers: await bearer("max", ["sales"]) });
  const refused = await say(old);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    code: "not-an-approver",
    detail: expect.stringContaining("that is for team:sre"),
  });
  expect((await now()).status).toBe("PENDING");
  expect((await say(await bearer("cleo", ["sre"]))).status).toBe(200);
  expect((await now()).status).toBe("APPROVED");
});

it("a voice that comes in while the others are looked up is weighed like them", async () => {
  const { say, now } = await asked();
  const old = await bearer("nia", ["sre"]);
  world.pass(1000);
  await app.request(`${PUBLIC}/api/v1/me`, { headers: await bearer("nia", ["sales"]) });
  onceLookedUp = async () => void expect((await say(old)).status).toBe(200);
  expect((await say(await bearer("ben", ["sre"]))).status).toBe(200);
  expect(await now()).toMatchObject({
    status: "PENDING",
    decisions: [
      { by: "user:nia@example.com", voided: expect.stringContaining("may not approve") },
      { by: "user:ben@example.com", voided: null },
    ],
  });
});

it("a membership that was confirmed too long ago does not count, until it is confirmed again", async () => {
  const { say, now } = await asked();
  await say(await bearer("ann", ["sre"]));
  world.pass(25 * HOUR);
  await say(await bearer("ben", ["sre"]));
  expect((await now()).decisions[0]?.voided).toMatch(
    /^the teams and roles of user:ann@example.com were last confirmed at \d{4}-.*too long ago: they may log in and say it again$/,
  );
  expect((await now()).status).toBe("PENDING");
  expect((await say(await bearer("ann", ["sre"]))).status).toBe(200);
  expect((await now()).status).toBe("APPROVED");
});

it("how long a word counts can be set", async () => {
  app = await serving({ STATION_OIDC_MEMBERSHIP_HOURS: "48" });
  const { say, now } = await asked();
  await say(await bearer("dan", ["sre"]));
  world.pass(25 * HOUR);
  await say(await bearer("eli", ["sre"]));
  expect((await now()).status).toBe("APPROVED");
});

describe("with a key for secrets the provider itself is asked", () => {
  it("so that whoever left the team without coming back has not approved", async () => {
    const { say, now } = await asked();
    await say(await visitor("fay", ["sre"]));
    world.pass(2 * 60_000);
    provider.directory.set("fay@example.com", claims("fay", ["sales"]));
    await say(await bearer("ben", ["sre"]));
    expect((await now()).decisions[0]?.voided).toContain("may not approve");
  });

  it("and whoever has left altogether is nobody", async () => {
    const { say, now } = await asked();
    await say(await visitor("gil", ["sre"]));
    world.pass(2 * 60_000);
    provider.directory.delete("gil@example.com");
    await say(await bearer("ben", ["sre"]));
    expect((await now()).decisions[0]?.voided).toBe(
      "the identity provider does not vouch for user:gil@example.com any more",
    );
  });

  it("and whoever is still there has approved; what it said is good for a minute", async () => {
    const before = provider.seen.userinfo;
    for (let i = 0; i < 2; i++) {
      const { say, now } = await asked();
      await say(await visitor("hal", ["sre"]));
      if (i === 0) world.pass(2 * 60_000);
      await say(await bearer("ben", ["sre"]));
      expect((await now()).status).toBe("APPROVED");
    }
    expect(provider.seen.userinfo - before).toBe(1);
  });

  it("and no token of theirs is kept in clear", async () => {
    await visitor("ida", ["sre"]);
    const [kept] = await world.ports.store.vouched.find(["IDA@example.com"]);
    expect(kept).toMatchObject({ identity: { user: "ida@example.com", groups: ["sre"] } });
    expect(kept?.access?.sealed).toMatch(/^v1\./);
  });
});
