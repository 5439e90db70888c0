import { createClient } from "../../../../src/http/client.ts";
import type { Approval } from "../../../../src/http/schemas/approvals.ts";
import type { Run, RunEventItem, Step } from "../../../../src/http/schemas/runs.ts";
import { STORIES } from "./agents.ts";
import { eventually } from "./eventually.ts";

/** What a story does with a Station: everything over HTTP. */
export type Station = ReturnType<typeof createStation>;

type Input = Readonly<Record<string, unknown>>;

const PATIENCE_MS = 45_000;

/** Speaks to the Station at `url`, which may go away and come back. */
export function createStation(url: string) {
  const client = createClient({ baseUrl: url });

  /** Follows a run until an event that `isIt`; fails with what did happen. */
  const seen = async (runId: string, isIt: (event: RunEventItem) => boolean): Promise<RunEventItem> => {
    const seen: string[] = [];
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for await (const event of client.stream(runId, { signal })) {
      seen.push(`${event.seq} ${event.type} ${event.branch ?? ""} ${event.state ?? ""}`);
      if (isIt(event)) return event;
    }
    throw new Error(`${runId} never came so far:\n${seen.join("\n")}`);
  };

  const events = async (runId: string): Promise<RunEventItem[]> => {
    const all: RunEventItem[] = [];
    for (let after = 0; ; after = all.length) {
      const { items } = await client.listEvents({ params: { runId }, query: { after, limit: 1000 } });
      all.push(...items);
      if (items.length < 1000) return all;
    }
  };

  const run = (runId: string): Promise<Run> => client.getRun({ params: { runId } });

  const start = async (workflowId: string, input: Input = {}, environment = STORIES): Promise<string> => {
    const { runId } = await client.startRun({
      body: { workflowId, input: input as Run["input"], environment },
    });
    return runId;
  };

  const ended = async (runId: string): Promise<Run> => {
    await seen(runId, ({ type }) => ENDS.has(type));
    return run(runId);
  };

  return {
    url,
    client,
    seen,
    events,
    run,
    start,
    /** Waits for the end of a run. */
    ended,
    /** Publishes a workflow; its id is in the text. */
    publish: (definition: string, environment = STORIES) =>
      client.createWorkflow({ body: { definition, environment } }),
    /** The same text as a further version. */
    republish: (id: string, definition: string) =>
      client.updateWorkflow({ params: { id }, body: { definition, environment: STORIES } }),
    startAndEnd: async (workflowId: string, input: Input = {}, environment = STORIES) =>
      ended(await start(workflowId, input, environment)),
    steps: async (runId: string): Promise<readonly Step[]> =>
      (await client.listSteps({ params: { runId } })).items,
    /** The step of a state, which must have begun. */
    step: async (runId: string, state: string): Promise<Step> => {
      const { items } = await client.listSteps({ params: { runId } });
      const found = items.find((step) => step.state === state);
      if (!found) throw new Error(`${runId} has no step "${state}"`);
      return found;
    },
    /** The moment an agent has a state in hand; answers which worker. */
    inHand: async (runId: string, state: string): Promise<{ readonly worker: string }> => {
      const { data } = await seen(runId, (e) => e.type === "step.started" && e.state === state);
      return { worker: String((data["lease"] as { readonly worker: string }).worker) };
    },
    /** Waits until a run stands on a state. */
    entered: (runId: string, state: string) =>
      seen(runId, (event) => event.type === "state.entered" && event.state === state),
    /** Waits until a run asks people; answers what. */
    asked: async (runId: string): Promise<Approval> => {
      const { data } = await seen(runId, ({ type }) => type === "approval.requested");
      const { id } = data["approval"] as { readonly id: string };
      return client.getApproval({ params: { approvalId: id } });
    },
    /** Waits for a status that is not the end. */
    status: (runId: string, status: Run["status"]): Promise<Run> =>
      eventually(async () => {
        const now = await run(runId);
        return now.status === status && now;
      }),
    /** The status and body of a POST, whatever they are. */
    post: async (path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}) => {
      const response = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
    },
    get: async (path: string) => {
      const response = await fetch(url + path);
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
    },
  };
}

const ENDS: ReadonlySet<string> = new Set(["run.completed", "run.failed", "run.cancelled", "run.timed_out"]);
