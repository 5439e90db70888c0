import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { waiter } from "../http/definitions.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

// Schedules on the command line.

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.client.createWorkflow({ body: { definition: waiter("report") } });
});
afterAll(() => world.close());

const stn = (...argv: string[]) => stnFor(world).run(["schedules", ...argv]);

it("a schedule is made, looked at, paused, fired and deleted", async () => {
  const made = await stn(
    ...["create", "nightly", "--workflow", "report", "--cron", "30 2 * * *", "--timezone", "Europe/Berlin"],
    ...["-f", "region=eu", "--overlap", "bufferOne", "--catch-up", "6h"],
  );
  expect([made.code, made.out]).toEqual([0, "default\tnightly\tactive\n"]);
  expect(made.err).toMatch(/nightly fires next \d{4}-/);
  const next = await stn("next", "nightly", "--count", "2");
  expect(next.out).toMatch(/^(\S+Z\t\S+T0[23]:[03]0:00\+0[12]:00\n){2}$/);
  const listed = await stn("list");
  expect(listed.out).toMatch(/^default\tnightly\treport\t30 2 \* \* \* Europe\/Berlin\tactive\t\S+\tnone\n$/);
  const paused = await stn("pause", "nightly", "-m", "maintenance");
  expect(paused.err).toContain("stn schedules resume nightly");
  const shown = await stn("show", "nightly");
  expect(shown.out).toMatch(/status {5}paused by user:ana \S+: maintenance\n/);
  expect(shown.out).toContain('input      {"region":"eu"}\n');
  expect(shown.out).toContain("catch up   21600 s\n");
  const fired = await stn("trigger", "nightly");
  expect([fired.code, fired.out]).toEqual([0, expect.stringMatching(/^started\trun_\w{26} PENDING\n$/)]);
  expect((await stn("resume", "nightly")).out).toBe("default\tnightly\tactive\n");
  const history = await stn("history", "nightly", "--json");
  expect(JSON.parse(history.out)).toMatchObject({
    items: [{ status: "started", triggeredBy: "user:ana", runStatus: "PENDING" }],
  });
  expect((await stn("delete", "nightly")).code).toBe(2);
  expect((await stn("delete", "nightly", "--yes")).code).toBe(0);
  expect((await stn("show", "nightly")).code).toBe(5);
});

it("a tick that starts nothing is a conflict for scripts", async () => {
  await stn("create", "often", "--workflow", "report", "--every", "15m");
  expect((await stn("trigger", "often")).code).toBe(0);
  const second = await stn("trigger", "often");
  expect([second.code, second.err]).toEqual([6, expect.stringContaining("has not ended")]);
  expect((await stn("trigger", "often", "--force")).code).toBe(0);
});

it("what is wrong is told with its place and what was meant", async () => {
  const create = (...more: string[]) => stn("create", "x", "--workflow", "report", ...more);
  const wrong = await create("--cron", "0 25 * * *");
  expect([wrong.code, wrong.err]).toEqual([
    3,
    expect.stringContaining('hour: "25" is not a number from 0 to 23'),
  ]);
  expect((await create("--cron", "@dayly")).err).toContain('did you mean "@daily"?');
  expect((await create("--every", "soon")).code).toBe(2);
  expect((await create("--cron", "@daily", "--every", "5m")).code).toBe(2);
  expect((await stn("create", "x", "--cron", "@daily")).err).toContain("--workflow");
});

it("what somebody wrote into a reason is shown, and obeyed by no terminal", async () => {
  const reason = "a\u001b]0;owned\u0007\u009b2Jb\u202ec";
  await stn("create", "quiet", "--workflow", "report", "--every", "1h");
  await stn("pause", "quiet", "-m", reason);
  const shown = await stnFor(world).run(["schedules", "show", "quiet"], { isTty: true, columns: 200 });
  expect(shown.out).toMatch(/paused by user:ana [^\n]*: abc\n/);
  const [asJson, asYaml] = [
    await stn("show", "quiet", "-o", "json"),
    await stn("show", "quiet", "-o", "yaml"),
  ];
  for (const { out, err } of [shown, asJson, asYaml])
    expect(out + err).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e]/u);
  expect(JSON.parse(asJson.out)).toMatchObject({ paused: { reason } });
  expect(parse(asYaml.out)).toEqual(JSON.parse(asJson.out));
});
