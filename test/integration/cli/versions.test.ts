import { afterAll, beforeAll, expect, it } from "vitest";
import { gate, quick } from "../http/definitions.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

const TTY = { isTty: true, columns: 100, env: { NO_COLOR: "1" } };
const path = "workflows/gate.workflow.yaml";

let world: World;
let stn: ReturnType<typeof stnFor>;

beforeAll(async () => {
  world = await createWorld();
  stn = stnFor(world);
  const changed = gate("gate")
    .replace('"user:ben"', '"team:sre"')
    .replace("next: done", "next: wait\n  - name: wait\n    type: timer\n    duration: 5m\n    next: done");
  for (const text of [gate("gate"), changed]) {
    world.files.splice(0, 1, { kind: "workflow", path, text });
    await world.post("/api/v1/sync");
  }
});
afterAll(() => world.close());

it("tells what changed between two versions, in the words of the language", async () => {
  const { code, out, err } = await stn.run(["workflow", "diff", "gate"], TTY);
  expect(code).toBe(0);
  expect(err).toBe("gate v1 → v2\n");
  expect(out).toBe(
    [
      "~ ask  human.approval",
      '    approvers: ["user:ana","user:ben"] → ["user:ana","team:sre"]',
      '    next: "done" → "wait"',
      "+ wait  timer",
      "approvers: +team:sre -user:ben",
      "transitions:",
      "  + ask → wait",
      "  + wait → done",
      "  - ask → done",
      "",
    ].join("\n"),
  );
});

it("shows the authors' texts line by line, and everything as JSON", async () => {
  const text = await stn.run(["workflow", "diff", "gate", "v1", "2", "--text"], TTY);
  expect(text.out).toContain('-      approvers: ["user:ana", "user:ben"]\n');
  const { out } = await stn.run(["workflow", "diff", "gate", "--json"]);
  expect(JSON.parse(out)).toMatchObject({ from: 1, to: 2, approvers: { added: ["team:sre"] } });
  expect(await stn.run(["workflow", "diff", "gate", "2", "2"], TTY)).toMatchObject({
    out: "",
    err: "gate v2 → v2: the same version\n",
  });
});

it("goes back to an earlier version, and says that the file will bring the other one back", async () => {
  const { code, out, err } = await stn.run(["workflow", "rollback", "gate", "1"]);
  expect(code).toBe(0);
  expect(out).toBe("gate\tv3\n");
  expect(err).toContain("gate is at v3, which says what v1 says\n");
  expect(err).toContain(`note: ${path} says something else: the next sync brings it back\n`);
  const versions = await stn.run(["workflow", "versions", "gate"]);
  const rows = versions.out.split("\n").map((line) => line.split("\t"));
  expect(rows.map(([version, , , , restores]) => [version, restores])).toEqual([
    ["v3", "v1"],
    ["v2", ""],
    ["v1", ""],
    ["", undefined],
  ]);
  const shown = await stn.run(["workflow", "show", "gate"], TTY);
  expect(shown.err).toContain(`note: ${path} says something else than the current version`);
});

it("says what it cannot find, and what is no version", async () => {
  await world.request("POST", "/api/v1/workflows", {
    body: quick("alone"),
    headers: { "content-type": "application/yaml" },
  });
  expect(await stn.run(["workflow", "rollback", "alone", "4"])).toMatchObject({
    code: 5,
    err: expect.stringContaining('version 4 of workflow "alone" not found'),
  });
  expect((await stn.run(["workflow", "rollback", "alone", "first"])).code).toBe(2);
  expect((await stn.run(["workflow", "diff", "alone"], TTY)).err).toBe("alone v1 → v1: the same version\n");
});
