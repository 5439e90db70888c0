import type { Client } from "../../src/http/client.ts";
import type { Approval } from "../../src/http/schemas/approvals.ts";
import type { Run, RunEventItem, Step } from "../../src/http/schemas/runs.ts";
import { persist } from "./persist.ts";

/** All that the API tells about a run. */
export type History = {
  readonly run: Run;
  readonly steps: readonly Step[];
  readonly events: readonly RunEventItem[];
  readonly approvals: readonly Approval[];
};

const PAGE = 1000;
/** A machine with much to do may answer late. */
const READ_MS = 60_000;

/** Reads everything about a run, and asks again for a minute where nobody answers. */
export function historyOf(client: Client, runId: string): Promise<History> {
  return persist(new Map(), AbortSignal.timeout(READ_MS), () => readHistory(client, runId));
}

async function readHistory(client: Client, runId: string): Promise<History> {
  const params = { runId };
  const events: RunEventItem[] = [];
  for (let page: readonly RunEventItem[] = []; events.length === 0 || page.length === PAGE; ) {
    const query = { after: events.at(-1)?.seq ?? 0, limit: PAGE };
    page = (await client.listEvents({ params, query })).items;
    events.push(...page);
    if (page.length === 0) break;
  }
  const { items: steps } = await client.listSteps({ params });
  const { items: approvals } = await client.listRunApprovals({ params, query: { limit: 200 } });
  return { run: await client.getRun({ params }), steps, events, approvals };
}

/** What a run came to, without what differs from run to run: ids and times. */
export function outcomeOf({ run, steps }: Pick<History, "run" | "steps">): unknown {
  const { status, output, context, error } = run;
  const visited = steps
    .map(({ branch, state, type, status, attempt, output, error }) =>
      JSON.stringify(masked({ branch, state, type, status, attempt, output, error })),
    )
    .sort();
  return { ...(masked({ status, output, context, error }) as object), steps: visited };
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const ID = /(run|apr|ar|sig)_[0-9A-Za-z]{20,}/g;

function masked(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(TIME, "<time>").replace(ID, "<$1>"));
}
