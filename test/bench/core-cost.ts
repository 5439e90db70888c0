import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import { begin, fold } from "../../src/core/run/evolve.ts";
import type { RunId } from "../../src/core/run/ids.ts";
import { checkWorkflow, publishWorkflow } from "../../src/engine/publish-workflow.ts";
import { startRun } from "../../src/engine/start-run.ts";
import { loadConfig } from "../../src/main/config.ts";
import { openStation, type Station } from "../../src/main/station.ts";
import { by } from "../support/people.ts";
import { median } from "./measure.ts";
import { ENVIRONMENT, forEachItem, writeEnvironments } from "./workflows.ts";

/** Milliseconds, and what the machine cannot do without: reading the same text. */
export type CoreCost = {
  readonly validations: readonly { readonly states: number; readonly ms: number; readonly readMs: number }[];
  readonly folds: readonly { readonly events: number; readonly ms: number; readonly readMs: number }[];
};

/** Checks workflows of so many states, and folds the events of a foreach over so many items. */
export async function measure(options: {
  readonly states: readonly number[];
  readonly items: readonly number[];
  readonly rounds: number;
  readonly directory: string;
}): Promise<CoreCost> {
  const { directory, rounds } = options;
  const environments = join(directory, "environments");
  await writeEnvironments(environments);
  const loaded = loadConfig({
    STATION_DATA_DIR: join(directory, "data"),
    STATION_ENVIRONMENTS_DIR: environments,
  });
  if (!loaded.ok) throw new Error(`the configuration is wrong: ${JSON.stringify(loaded.problems)}`);
  const station = await openStation(loaded.config, { info: () => {}, warn: () => {}, error: () => {} });
  try {
    await station.start({ executes: true });
    const validations = [];
    for (const states of options.states) {
      const source = { text: textOf(states), format: "yaml", file: "request" } as const;
      const ms = await timed(rounds, async () => {
        const { errors } = await checkWorkflow(station.ports, ENVIRONMENT, source);
        if (errors.length > 0) throw new Error(errors[0]?.message);
      });
      validations.push({ states, ms, readMs: await timed(rounds, () => parse(source.text)) });
    }
    const folds = [];
    for (const items of options.items) {
      const { definition, events } = await trailOf(station, items);
      const [first, ...others] = events;
      if (first?.event.type !== "run.created") throw new Error("a trail does not begin with its run");
      const { event } = first;
      const text = JSON.stringify(events);
      const ms = await timed(rounds, () => fold(begin(definition, { ...first, event }), others));
      folds.push({ events: events.length, ms, readMs: await timed(rounds, () => JSON.parse(text)) });
    }
    return { validations, folds };
  } finally {
    await station.close();
  }
}

/** The median of so many, after one that warms up. */
async function timed(rounds: number, act: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begun = performance.now();
    await act();
    if (round > 0) times.push(performance.now() - begun);
  }
  return median(times);
}

/** Steps of an agent and, at every tenth state, two conditions over what came before. */
function textOf(states: number): string {
  const lines = [`id: long-${states}`, 'version: "1.0"', `name: ${states} states`, "states:"];
  for (let index = 0; index < states; index++) {
    const next = index + 1 < states ? `next: s${index + 1}` : "end: true";
    lines.push(
      index % 10 === 9 && index + 1 < states
        ? `  - { name: s${index}, type: switch, conditions: [{ if: "steps.s${index - 1}.ok and len(steps) > ${index}", next: s${index + 1} }, { if: "not steps.s${index - 2}.ok", next: s${index + 1} }], defaultNext: s${index + 1} }`
        : `  - { name: s${index}, type: agent, agent: constant, task: "Answer {{ ctx.subject }}.", ${next} }`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** A foreach over so many items, as it is kept when it has ended. */
async function trailOf({ ports }: Station, items: number) {
  const definition = forEachItem(`each-${items}`, 64);
  const published = await publishWorkflow(ports, {
    environment: ENVIRONMENT,
    source: { text: JSON.stringify(definition), format: "json", file: "request" },
    origin: "api",
    by: "user:bench",
    channel: "api",
  });
  if (published.status !== "created") throw new Error(`the workflow is not published: ${published.status}`);
  const started = await startRun(ports, {
    environment: ENVIRONMENT,
    workflowId: definition.id,
    input: { items: Array.from({ length: items }, (_, index) => index) },
    by: by("user:bench"),
  });
  if (started.status !== "started") throw new Error(`not started: ${JSON.stringify(started)}`);
  const { runId } = started;
  const { queries } = ports.store;
  while ((await queries.status(runId as RunId)) !== "COMPLETED") await delay(20);
  const events = [];
  for (let last = 0, page = await queries.events(runId, last, 1000); page.length > 0; ) {
    events.push(...page);
    last = page.at(-1)?.seq ?? last;
    page = await queries.events(runId, last, 1000);
  }
  const workflow = await ports.store.workflows.get(ENVIRONMENT, definition.id, 1);
  if (!workflow) throw new Error("the workflow is gone");
  return { definition: workflow.definition, events };
}
