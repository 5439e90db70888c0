import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { CliDeps } from "../../../src/cli/deps.ts";
import { createKeyRing, type KeyRing } from "../../../src/engine/key-ring.ts";
import { createApp } from "../../../src/http/app.ts";
import { authenticating } from "../../../src/http/auth/authenticate.ts";
import { userContexts } from "../../../src/main/user-contexts.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

// A person's servers: remembered by login, in a file that only they can read.

const TOKEN = "deployment-token-of-32-characters-or-more";
let world: World;
let keyRing: KeyRing;
let home: string;

beforeAll(async () => {
  world = await createWorld();
  keyRing = createKeyRing(world.ports);
});
afterAll(async () => {
  await keyRing.close();
  await world.close();
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "station-home-"));
  return () => rm(home, { recursive: true });
});

/** The command line of a machine on which nothing is configured. */
function stn(server: Partial<CliDeps["server"]> = {}) {
  const authenticate = authenticating({ keyRing, tokens: [TOKEN] });
  const app = createApp({ ...world.ports, keyRing, authenticate });
  const nothing = { ok: true, url: "http://localhost:8585", isGiven: false, apiKey: null } as const;
  return stnFor(
    { app, ports: world.ports },
    {
      server: { ...nothing, ...server } as CliDeps["server"],
      contexts: userContexts({ XDG_CONFIG_HOME: home }),
    },
  );
}

const file = () => join(home, "station", "contexts.json");

it("a key that is piped in is tried, remembered for nobody else, and used from then on", async () => {
  expect((await stn().run(["whoami"])).code).toBe(4);
  const login = await stn().run(["login", "https://station.example/", "--name", "prod"], {
    input: `${TOKEN}\n`,
  });
  expect(login.err).toContain("you are key:*/deployment at https://station.example");
  expect(login).toMatchObject({ code: 0, out: "prod\thttps://station.example\tkey:*/deployment\n" });
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect((await stat(join(home, "station"))).mode & 0o777).toBe(0o700);
  const who = await stn().run(["whoami"]);
  expect(who).toMatchObject({ code: 0, out: "key:*/deployment\n" });
  expect(who.err).toContain("https://station.example");
});

it("a key that is not good is refused and not remembered", async () => {
  const login = await stn().run(["login", "https://station.example"], { input: "stn_default_ci_wrong" });
  expect(login.code).toBe(4);
  expect((await stn().run(["context"])).out).toBe("");
  const empty = await stn().run(["login", "https://station.example"], { input: "" });
  expect(empty).toMatchObject({ code: 2, out: "" });
  expect(empty.err).toContain("there is no key");
});

it("a person types the key, and the screen does not show it", async () => {
  const { terminal, done } = stn().call(["login", "http://one.example"], { isTty: true });
  await expect.poll(() => terminal.err()).toContain("API key for http://one.example: ");
  for (const key of `x\x7f${TOKEN}\r`) terminal.press(key);
  expect(await done).toMatchObject({ code: 0 });
  expect(terminal.err() + terminal.out()).not.toContain(TOKEN);
  expect((await stn().run(["whoami"])).out).toBe("key:*/deployment\n");
});

it("does not say that commands go there while the environment says otherwise", async () => {
  const elsewhere = { url: "http://three.example", isGiven: true, apiKey: TOKEN };
  const login = await stn(elsewhere).run(["login", "http://one.example"], { input: TOKEN });
  const use = await stn(elsewhere).run(["context", "use", "one.example"]);
  for (const { err } of [login, use])
    expect(err).toContain(
      "once STATION_URL and PORT are not set any more: until then they go to http://three.example",
    );
  expect((await stn().run(["context", "use", "one.example"])).err).toBe(
    "commands go to http://one.example from now on\n",
  );
});

it("what is said now counts more than what the environment says, and that more than what is remembered", async () => {
  await stn().run(["login", "http://one.example", "-e", "prod"], { input: TOKEN });
  await stn().run(["login", "http://two.example"], { input: TOKEN });
  const at = async (argv: readonly string[], server: Partial<CliDeps["server"]> = {}) =>
    (await stn(server).run([...argv, "whoami"])).err.match(/at (http\S+)/)?.[1];
  expect(await at([])).toBe("http://two.example");
  const given = { url: "http://three.example", isGiven: true, apiKey: TOKEN };
  expect(await at([], given)).toBe("http://three.example");
  expect(await at(["--context", "one.example"], given)).toBe("http://one.example");
  expect(await at(["--url", "http://one.example"])).toBe("http://one.example");
  // A key is for the server it was remembered for.
  expect((await stn().run(["--url", "http://four.example", "whoami"])).code).toBe(4);
  expect((await stn().run(["--context", "one.example", "--url", "http://two.example", "whoami"])).code).toBe(
    2,
  );
});

it("contexts are listed without their keys, changed and forgotten", async () => {
  await stn().run(["login", "http://one.example", "-e", "prod"], { input: TOKEN });
  await stn().run(["login", "http://two.example"], { input: TOKEN });
  const list = await stn().run(["context", "list", "--json"]);
  expect(list.out).not.toContain(TOKEN);
  expect(JSON.parse(list.out)).toEqual({
    items: [
      { name: "one.example", url: "http://one.example", environment: "prod", hasKey: true, isCurrent: false },
      { name: "two.example", url: "http://two.example", environment: null, hasKey: true, isCurrent: true },
    ],
    nextCursor: null,
  });
  expect((await stn().run(["context", "use", "one.example"])).code).toBe(0);
  expect((await stn().run(["context", "-o", "id"])).code).toBe(0);
  const wrong = await stn().run(["context", "use", "one.exmple"]);
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.err).toContain("did you mean one.example?");
  expect((await stn().run(["logout"])).out).toBe("one.example\thttp://one.example\n");
  expect(JSON.parse(await readFile(file(), "utf8"))).toMatchObject({ current: null });
  expect((await stn().run(["whoami"])).code).toBe(4);
});

it("a file that is none of ours is named and left as it is", async () => {
  await stn().run(["login", "http://one.example"], { input: TOKEN });
  await writeFile(file(), "{");
  const failed = await stn().run(["whoami"]);
  expect(failed.code).toBe(1);
  expect(failed.err).toContain(`${file()} does not hold contexts`);
  expect(await readFile(file(), "utf8")).toBe("{");
});
