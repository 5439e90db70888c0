import { afterAll, beforeAll, expect, it } from "vitest";
import { createKeyRing, type KeyRing } from "../../../src/engine/key-ring.ts";
import { createApp } from "../../../src/http/app.ts";
import { authenticating } from "../../../src/http/auth/authenticate.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

// The command line with keys, against a server that asks everybody.

const TOKEN = "deployment-token-of-32-characters-or-more";
let world: World;
let keyRing: KeyRing;

beforeAll(async () => {
  world = await createWorld();
  keyRing = createKeyRing(world.ports);
});
afterAll(async () => {
  await keyRing.close();
  await world.close();
});

const stn = (apiKey: string | null) => {
  const app = createApp({
    ...world.ports,
    keyRing,
    authenticate: authenticating({ keyRing, tokens: [TOKEN] }),
  });
  return stnFor(
    { app, ports: world.ports },
    { server: { ok: true, url: "http://station", isGiven: true, apiKey } },
  );
};

it("a key is alone on stdout, and works as STATION_API_KEY", async () => {
  const made = await stn(TOKEN).run(["keys", "create", "ci", "--scope", "runs:read", "--expires", "30d"]);
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/^stn_default_ci_[A-Za-z0-9]{43}\n$/);
  expect(made.err).toContain("it is not shown again");
  const key = made.out.trim();
  const who = await stn(key).run(["whoami"]);
  expect(who.out).toBe("key:default/ci\n");
  expect(who.err).toContain("in default: runs:read");
  expect((await stn(key).run(["runs"])).code).toBe(0);
});

it("a refusal says who may, and how to find out who one is", async () => {
  const { out } = await stn(TOKEN).run(["keys", "create", "reader", "--scope", "runs:read"]);
  const refused = await stn(out.trim()).run(["run", "anything"]);
  expect(refused.code).toBe(4);
  expect(refused.err.replace(/\s+/g, " ")).toContain(
    "takes a key with the scope runs:write, and this one has runs:read",
  );
  expect(refused.err).toContain("stn whoami");
  const nobody = await stn(null).run(["runs"]);
  expect(nobody.code).toBe(4);
  expect(nobody.err).toContain("STATION_API_KEY");
});

it("a key is listed without its secret, rotated and revoked", async () => {
  const { out } = await stn(TOKEN).run(["keys", "create", "short", "--scope", "admin", "--expires", "never"]);
  const rotated = await stn(TOKEN).run(["keys", "rotate", "short", "--grace", "0s"]);
  expect((await stn(out.trim()).run(["whoami"])).code).toBe(4);
  expect((await stn(rotated.out.trim()).run(["whoami"])).code).toBe(0);
  const listed = await stn(TOKEN).run(["keys", "list", "--json"]);
  expect(listed.out).toContain('"short"');
  expect(listed.out).not.toContain(rotated.out.trim().slice(-20));
  expect((await stn(TOKEN).run(["keys", "revoke", "short"])).code).toBe(2);
  const revoked = await stn(TOKEN).run(["keys", "revoke", "short", "--yes"]);
  expect([revoked.code, revoked.out]).toEqual([0, "default\tshort\trevoked\n"]);
  expect((await stn(rotated.out.trim()).run(["whoami"])).err).toContain("key default/short was revoked");
});

it("what is no scope or no time is told before anything is asked", async () => {
  expect((await stn(TOKEN).run(["keys", "create", "x"])).err).toContain("--scope");
  const wrong = await stn(TOKEN).run(["keys", "create", "x", "--scope", "runs:wirte"]);
  expect([wrong.code, wrong.err.includes("runs:write")]).toEqual([2, true]);
  expect((await stn(TOKEN).run(["keys", "create", "x", "--scope", "admin", "--expires", "soon"])).code).toBe(
    2,
  );
});
