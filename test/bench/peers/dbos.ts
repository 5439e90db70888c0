import { DBOS } from "@dbos-inc/dbos-sdk";
import {
  type MeasurePeer,
  measurePeer,
  type Output,
  type Peer,
  type PeerOptions,
  type Step,
} from "../peer.ts";
import { STEPS } from "../workflows.ts";
import { startPostgres } from "./postgres.ts";

/** DBOS Transact: a library that keeps runs and steps in PostgreSQL and executes them in this process. */
export const measure: MeasurePeer = (options) => measurePeer(options, open);

async function open(step: Step, { directory, inFlight }: PeerOptions): Promise<Peer> {
  const postgres = await startPostgres(directory);
  const job = DBOS.registerWorkflow(
    async (runId: string): Promise<Output> => {
      let output: Output = { ok: true };
      for (let index = 0; index < STEPS; index++)
        output = await DBOS.runStep(() => step(runId), { name: `step-${index}` });
      return output;
    },
    { name: "job" },
  );
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: postgres.url,
    // Ten is the default; more than twenty make it slower again.
    systemDatabasePoolSize: Math.min(Math.max(10, inFlight), 20),
    logLevel: "error",
  });
  await DBOS.launch();
  const count = async (sql: string) => Number(await postgres.query(sql));
  return {
    setup: postgres.setup,
    async run(runId) {
      const handle = await DBOS.startWorkflow(job, { workflowID: runId })(runId);
      return handle.getResult();
    },
    kept: async () => ({
      runs: await count("select count(*) from dbos.workflow_status where status = 'SUCCESS'"),
      steps: await count(
        "select count(*) from dbos.operation_outputs where function_name like 'step-%' and error is null",
      ),
    }),
    async close() {
      await DBOS.shutdown();
      await postgres.stop();
    },
  };
}
