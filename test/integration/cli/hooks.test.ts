import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ALERT, deliver, github, WAITING } from "../http/hooks.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

let world: World;
const folder = mkdtempSync(join(tmpdir(), "station-hooks-"));

beforeAll(async () => {
  world = await createWorld();
  for (const definition of [ALERT, WAITING])
    await world.client.createWorkflow({ body: { definition: JSON.stringify(definition) } });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const stn = (...argv: readonly string[]) => stnFor(world).run(argv);
const MAP = '{"service": "{{ body.service }}"}';
const toAlert = ["--scheme", "github", "--workflow", "alert", "--map", MAP] as const;

async function made(name: string, ...more: readonly string[]) {
  const { code, out, err } = await stn("hooks", "create", name, ...toAlert, ...more);
  expect(code, err).toBe(0);
  const { path } = JSON.parse((await stn("hooks", "show", name, "--json")).out) as { path: string };
  return { secret: out.trim(), err, path };
}

const send = (path: string, secret: string, body: object) =>
  deliver(world, path, JSON.stringify(body), github(secret, JSON.stringify(body)));

it("a hook's secret is alone on stdout, and events signed with it start runs", async () => {
  const { secret, err, path } = await made("ci");
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(err).toContain(`hook:default/ci takes events at http://station${path}`);
  expect(err).toContain("It is not shown again");
  expect((await send(path, secret, { service: "a" })).status).toBe(202);
  const listed = await stn("hooks");
  expect(listed.out).toMatch(/^default\tci\tenabled\tgithub\tstarts alert\thook_/);
  expect(listed.out).not.toContain(secret);
  const shown = await stn("hooks", "show", "ci");
  expect(shown.out).toContain(`http://station${path}`);
  expect(shown.out).toContain('{"service":"{{ body.service }}"}');
});

it("what a hook received is listed, shown, and done again after it was changed", async () => {
  const { secret, path } = await made("late");
  expect((await send(path, secret, { svc: "a" })).status).toBe(422);
  const failed = await stn("hooks", "deliveries", "late");
  expect(failed.out).toContain("FAILED");
  expect(failed.out).toContain("/target/input");
  const again = await stn("hooks", "redeliver", "late", "@last");
  expect([again.code, again.out.includes("FAILED")]).toEqual([3, true]);
  const changed = await stn("hooks", "change", "late", "--map", '{"service": "{{ body.svc }}"}');
  expect([changed.code, changed.err]).toEqual([0, "hook:default/late starts alert\n"]);
  const done = await stn("hooks", "redeliver", "late", "@last");
  expect([done.code, done.out]).toEqual([0, expect.stringMatching(/^dlv_\w+\tSTARTED\trun_\w+\n$/)]);
  const shown = await stn("hooks", "deliveries", "late", "@last");
  expect(JSON.parse(shown.out)).toMatchObject({ body: '{"svc":"a"}', status: "STARTED" });
});

it("an event is tried without being sent", async () => {
  await made("tried", "--when", 'headers["x-github-event"] == "push"');
  const attempt = (body: string, event: string) =>
    stn("hooks", "test", "tried", "-b", body, "--header", `X-GitHub-Event=${event}`);
  const good = await attempt('{"service": "a"}', "push");
  expect(good.code).toBe(0);
  expect(good.err).toBe("this would start alert\n");
  expect(JSON.parse(good.out)).toMatchObject({ outcome: "start-run", input: { service: "a" } });
  const wrong = await attempt('{"service": 7}', "push");
  expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining("/input/service")]);
  const other = await attempt("{}", "issues");
  expect([other.code, other.err]).toEqual([0, expect.stringContaining("nothing would come of this")]);
});

it("a hook is rotated, disabled, enabled and deleted by its name", async () => {
  const { secret, path } = await made("short");
  const rotated = await stn("hooks", "rotate", "short", "--grace", "0s");
  const status = async (one: string) => (await send(path, one, { service: one })).status;
  expect([await status(secret), await status(rotated.out.trim())]).toEqual([401, 202]);
  expect((await stn("hooks", "disable", "short")).out).toBe("default\tshort\tdisabled\n");
  expect(await status(rotated.out.trim())).toBe(409);
  expect((await stn("hooks", "enable", "short")).out).toBe("default\tshort\tenabled\n");
  expect((await stn("hooks", "delete", "short")).code).toBe(2);
  expect((await stn("hooks", "delete", "short", "--yes")).code).toBe(0);
  const gone = await stn("hooks", "show", "short");
  expect([gone.code, gone.err]).toEqual([5, expect.stringContaining('no hook "short"')]);
});

it("a sender's own secret and signature are taken, and the secret from a file alone", async () => {
  const file = join(folder, "secret");
  writeFileSync(file, "8f742231b10e8888abcd99yyyzzz85a5\n");
  const slack = ["--scheme", "hmac", "--signature-header", "X-Slack-Signature", "--prefix", "v0="];
  const time = ["--timestamp-header", "X-Slack-Request-Timestamp", "--signs", "v0:{timestamp}:{body}"];
  const to = ["--signal", "deployed", "--run", "{{ body.run }}", "--known-by", "{{ body.id }}"];
  const created = await stn("hooks", "create", "slack", ...slack, ...time, ...to, "--secret", `@${file}`);
  expect([created.code, created.out]).toEqual([0, "8f742231b10e8888abcd99yyyzzz85a5\n"]);
  const { out } = await stn("hooks", "show", "slack", "--json");
  expect(JSON.parse(out)).toMatchObject({
    scheme: { prefix: "v0=", signs: "v0:{timestamp}:{body}", algorithm: "sha256" },
    identity: { by: "template", template: "{{ body.id }}" },
    target: { type: "signal", signal: "deployed", run: "{{ body.run }}" },
  });
  const written = await stn("hooks", "create", "x", ...toAlert, "--secret", "8f742231b10e8888");
  expect([written.code, written.err]).toEqual([
    2,
    expect.stringContaining("not written on the command line"),
  ]);
});

it.each<[string, readonly string[], number, string]>([
  ["nothing to do", ["create", "x"], 2, "--workflow"],
  ["two things to do", ["create", "x", "--workflow", "alert", "--signal", "s"], 2, "cannot be used"],
  [
    "no signature header",
    ["create", "x", "--scheme", "hmac", "--workflow", "alert"],
    2,
    "--signature-header",
  ],
  ["too much of a scheme", ["create", "x", "--workflow", "alert", "--prefix", "v0="], 2, "--scheme hmac"],
  ["an unknown workflow", ["create", "x", "--workflow", "alrt"], 3, 'did you mean "alert"?'],
  ["an unknown hook", ["show", "cii"], 5, 'did you mean "ci"?'],
  ["half a pair", ["test", "ci", "-b", "{}", "--query", "x"], 2, "--query name=value"],
])("%s is told", async (_what, argv, code, message) => {
  const done = await stn("hooks", ...argv);
  expect(done.code).toBe(code);
  expect(done.err.replace(/\s+/g, " ")).toContain(message);
});
