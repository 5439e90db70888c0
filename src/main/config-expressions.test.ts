import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { limitsOf } from "./config-expressions.ts";
import { createRehearsals } from "./rehearsals.ts";
import { openStation } from "./station.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "station-limits-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const LONG = "len([x for x in range(5000)])";
const log = { info() {}, warn() {}, error() {} };

it.each([
  [{}, true],
  [{ STATION_EXPRESSION_STEPS: "1000" }, false],
])("a server whose limits are %o takes a long expression: %s", async (limits, isOk) => {
  const loaded = loadConfig({ ...limits, STATION_DATA_DIR: folder, STATION_ENVIRONMENTS_DIR: folder });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const station = await openStation(loaded.config, log);
  const programs = [{ mode: "expression", text: LONG }] as const;
  const [answer] = await station.ports.expressions.evaluate(programs, { layers: [{}], stateResults: [] });
  await station.close();
  expect(answer).toMatchObject(
    isOk ? { ok: true, value: 5000 } : { error: { kind: "steps", message: "step limit exceeded (1000)" } },
  );
});

it("a rehearsal has the limits that a server would have", async () => {
  const text = `id: w\nstates:\n  - { name: t, type: transform, expression: "${LONG}", end: true }\n`;
  const outcome = async (env: Record<string, string>) => {
    const { expressions } = limitsOf(env);
    const rehearsals = createRehearsals({ environmentsDir: folder, expressions });
    const played = await rehearsals.dryRun({
      workflow: { source: { text, format: "yaml", file: "w.yaml" }, environment: "default" },
      version: 1,
      scenario: { input: {}, agents: {}, workflows: {}, approvals: {}, signals: [], assumesConsent: true },
      agents: [],
    });
    return JSON.stringify(played);
  };
  expect(await outcome({})).toContain('"COMPLETED"');
  expect(await outcome({ STATION_EXPRESSION_STEPS: "1000" })).toContain("step limit exceeded (1000)");
});
