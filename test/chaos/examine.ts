import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../../src/http/client.ts";
import { checkRun, type Violation } from "./check-run.ts";
import { type History, historyOf } from "./history.ts";
import type { Lanes } from "./lanes.ts";
import { persist } from "./persist.ts";
import type { Expected } from "./reference.ts";

const SEALED_MS = 10_000;
/** Nothing is disturbed any more: a machine with much to do may still answer late. */
const ANSWERED_MS = 60_000;

/** Reads every run over the API and checks it; a key asked for again must give the same run. */
export async function examine(
  client: Client,
  lanes: Lanes,
  expected: Expected,
): Promise<{ readonly histories: readonly History[]; readonly found: readonly Violation[] }> {
  const histories: History[] = [];
  const found: Violation[] = [];
  await sealed(client, lanes.runIds);
  for (const { order, runId } of lanes.orders) {
    if (runId === null) continue;
    const { key, workflow, input } = order;
    const body = { workflowId: workflow.id, input };
    const ask = () => client.startRun({ body, idempotencyKey: key });
    const again = await persist(new Map(), AbortSignal.timeout(ANSWERED_MS), ask);
    if (again.runId !== runId) found.push({ kind: "twice", runId, what: `${key} is ${again.runId} too` });
    const history = await historyOf(client, runId);
    histories.push(history);
    found.push(...checkRun(history, workflow.definition, expected.get(input)));
  }
  return { histories, found };
}

/** The sealer comes by within a second; if it does not, the database check says so. */
async function sealed(client: Client, runIds: readonly string[]): Promise<void> {
  const runId = runIds.at(-1);
  for (const end = Date.now() + SEALED_MS; runId !== undefined && Date.now() < end; await delay(200)) {
    const { events } = await historyOf(client, runId);
    if (events.at(-1)?.hash !== null) break;
  }
  await delay(1500);
}
