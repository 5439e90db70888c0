import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../src/engine/ports.ts";
import { type SyncReport, syncEnvironment } from "../../src/engine/sync.ts";
import { loadConfig } from "../../src/main/config.ts";
import { openStation } from "../../src/main/station.ts";

export type SyncCosts = { readonly first: number; readonly unchanged: number; readonly oneChanged: number };

const AGENT = `---
model: station/script
metadata: { name: worker }
input: { schema: { type: object, properties: { namespace: { type: string } }, required: [namespace] } }
output: { schema: { type: object, properties: { found: { type: number } }, required: [found] } }
script: [{ output: { found: 1 } }]
---
{{userInput}}
`;

/** Ten states, as people write them: agents with schemas, a branch point, branches, a loop, an approval. */
const workflow = (index: number, limit = 0.5) => `id: workflow-${index}
version: "1.0"
name: Workflow ${index}
inputSchema: { type: object, properties: { namespace: { type: string }, services: { type: array } }, required: [namespace] }
states:
  - { name: check, type: agent, agent: worker, task: "Check {{ ctx.namespace }}", input: { variables: { namespace: "{{ ctx.namespace }}" } }, next: judge }
  - { name: judge, type: switch, dataPath: steps.check, conditions: [{ if: "found > ${limit}", next: look }], defaultNext: done }
  - name: look
    type: parallel
    branches:
      - { name: a, states: [{ name: one, type: agent, agent: worker, input: { variables: { namespace: "{{ ctx.namespace }}" } }, end: true }] }
      - { name: b, states: [{ name: two, type: timer, duration: 5s, end: true }] }
    next: each
  - name: each
    type: foreach
    itemsPath: ctx.services
    itemName: service
    iterator: { states: [{ name: three, type: inject, data: { service: "{{ service }}", index: ${index} }, end: true }] }
    next: ask
  - { name: ask, type: approval, message: "Go on with {{ ctx.namespace }}?", approvers: ["team:sre"], next: count }
  - { name: count, type: transform, expression: "steps.check.found + ${index}", next: done }
  - { name: done, type: inject, data: { ok: true }, end: true }
`;

/** Syncs so many workflow files into an empty database on a file: at first, again, and with one of them changed; ms. */
export async function measure(options: {
  readonly workflows: number;
  readonly directory: string;
}): Promise<SyncCosts> {
  const { workflows, directory } = options;
  const environments = join(directory, "environments");
  for (const folder of ["agents", "workflows"])
    await mkdir(join(environments, "default", folder), { recursive: true });
  await writeFile(join(environments, "default/agents/worker.prompt"), AGENT);
  const file = (index: number) => join(environments, `default/workflows/workflow-${index}.workflow.yaml`);
  for (let index = 0; index < workflows; index++) await writeFile(file(index), workflow(index));
  const loaded = loadConfig({ STATION_DATA_DIR: directory, STATION_ENVIRONMENTS_DIR: environments });
  if (!loaded.ok) throw new Error(`the configuration is wrong: ${JSON.stringify(loaded.problems)}`);
  const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
  const station = await openStation(loaded.config, silent);
  const timed = async (result: string, count: number): Promise<number> => {
    const started = performance.now();
    const report = await syncEnvironment(station.ports, {
      environment: "default",
      dryRun: false,
      by: "bench",
      channel: "sync",
    });
    const ms = performance.now() - started;
    const rows = (report as SyncReport).rows.filter(
      (row) => row.kind === "workflow" && row.result === result,
    );
    if (rows.length !== count) throw new Error(`${rows.length} workflows ${result}, not ${count}`);
    return ms;
  };
  try {
    const first = await timed("created", workflows);
    const unchanged = await timed("unchanged", workflows);
    await writeFile(file(0), workflow(0, 0.7));
    return { first, unchanged, oneChanged: await timed("updated", 1) };
  } finally {
    await station.close();
  }
}
