import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import {
  type MeasurePeer,
  measurePeer,
  type Output,
  type Peer,
  type PeerOptions,
  type Step,
} from "../peer.ts";
import { STEPS } from "../workflows.ts";

/** OpenWorkflow: a library that keeps runs and steps in SQLite; its worker claims runs and executes them here. */
export const measure: MeasurePeer = (options) => measurePeer(options, open);

async function open(step: Step, { directory, inFlight }: PeerOptions): Promise<Peer> {
  const file = join(directory, "openworkflow.db");
  const backend = BackendSqlite.connect(file);
  const endOf = hearEnds(backend);
  const engine = new OpenWorkflow({ backend });
  const job = engine.defineWorkflow<string, Output>({ name: "job" }, async ({ input, step: steps }) => {
    let output: Output = { ok: true };
    for (let index = 0; index < STEPS; index++)
      output = await steps.run({ name: `step-${index}` }, () => step(input));
    return output;
  });
  const wake = workerOf(engine, inFlight);
  const reader = new DatabaseSync(file, { readOnly: true });
  const count = (sql: string) => Number(reader.prepare(sql).get()?.["n"]);
  return {
    setup: `SQLite ${process.versions["sqlite"]}, ${settingsOf(backend)}`,
    async run(runId) {
      const { workflowRun } = await job.run(runId);
      const end = endOf(workflowRun.id);
      wake();
      return end;
    },
    kept: async () => ({
      runs: count("select count(*) as n from workflow_runs where status = 'completed'"),
      steps: count("select count(*) as n from step_attempts where status = 'completed'"),
    }),
    async close() {
      reader.close();
      await backend.stop();
    },
  };
}

/** Tells a run's output when its end is committed; `result()` of a handle would look once a second. */
function hearEnds(backend: BackendSqlite): (runId: string) => Promise<unknown> {
  const ends = new Map<string, (output: unknown) => void>();
  const complete = backend.completeWorkflowRun.bind(backend);
  backend.completeWorkflowRun = async (params) => {
    const run = await complete(params);
    ends.get(run.id)?.(run.output);
    ends.delete(run.id);
    return run;
  };
  return (runId) => new Promise((resolve) => ends.set(runId, resolve));
}

/** A worker that looks for work as soon as there is some; its own loop would sleep for 50 ms to 1 s in between. */
function workerOf(engine: OpenWorkflow, concurrency: number): () => void {
  const worker = engine.newWorker({ concurrency });
  let unclaimed = 0;
  let isClaiming = false;
  const claim = async () => {
    isClaiming = true;
    while (unclaimed > 0) {
      unclaimed -= await worker.tick();
      await turn();
    }
    isClaiming = false;
  };
  return () => {
    unclaimed++;
    if (!isClaiming) void claim();
  };
}

/** What is in force on the connection that the library opened. */
function settingsOf(backend: BackendSqlite): string {
  const { db } = backend as unknown as { readonly db: DatabaseSync };
  const of = (name: string) => Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0];
  return `journal_mode=${of("journal_mode")}, synchronous=${of("synchronous")}`;
}
