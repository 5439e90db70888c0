import { join } from "node:path";
import { type Client, createClient, type InStatement, type ResultSet } from "@libsql/client";
import { Mastra } from "@mastra/core";
import { createStep, createWorkflow } from "@mastra/core/workflows";
import { LibSQLStore } from "@mastra/libsql";
import { z } from "zod";
import { type MeasurePeer, measurePeer, type Peer, type PeerOptions, type Step } from "../peer.ts";
import { STEPS } from "../workflows.ts";

/** Mastra: a library that keeps a snapshot of each run in libSQL, before and after each step, and executes it here. */
export const measure: MeasurePeer = (options) => measurePeer(options, open);

const OUTPUT = z.object({ ok: z.literal(true) });

async function open(step: Step, { directory }: PeerOptions): Promise<Peer> {
  process.env["MASTRA_TELEMETRY_DISABLED"] = "1";
  const client = durableClient(`file:${join(directory, "mastra.db")}`);
  const storage = new LibSQLStore({ id: "bench", client });
  await storage.init();
  const job = jobOf(step);
  new Mastra({ workflows: { job }, storage, logger: false });
  return {
    setup: await settingsOf(client),
    async run(runId) {
      const run = await job.createRun({ runId });
      const result = await run.start({ inputData: { ok: true } });
      return result.status === "success" ? result.result : result;
    },
    async kept() {
      const { rows } = await client.execute(
        `select count(*) as runs, sum((select count(*) from json_each(json(snapshot), '$.context') as step
           where step.key like 'step-%' and step.value ->> 'status' = 'success')) as steps
         from mastra_workflow_snapshot where json(snapshot) ->> 'status' = 'success'`,
      );
      return { runs: Number(rows[0]?.["runs"]), steps: Number(rows[0]?.["steps"]) };
    },
    close: async () => client.close(),
  };
}

function jobOf(step: Step) {
  const job = createWorkflow({ id: "job", inputSchema: OUTPUT, outputSchema: OUTPUT });
  const [first, ...others] = Array.from({ length: STEPS }, (_, index) => trivial(step, index)) as [Trivial];
  let chain = job.then(first);
  for (const other of others) chain = chain.then(other);
  return chain.commit();
}

type Trivial = ReturnType<typeof trivial>;

function trivial(step: Step, index: number) {
  const schemas = { inputSchema: OUTPUT, outputSchema: OUTPUT };
  return createStep({ id: `step-${index}`, ...schemas, execute: ({ runId }) => step(runId) });
}

/** The store asks for `synchronous=NORMAL`, which may lose commits with the power: it gets FULL instead. */
function durableClient(url: string): Client {
  const client = createClient({ url, timeout: 5000 });
  const execute = client.execute.bind(client) as (statement: InStatement) => Promise<ResultSet>;
  client.execute = (statement: InStatement) =>
    execute(statement === "PRAGMA synchronous = NORMAL;" ? "pragma synchronous = full" : statement);
  return client;
}

/** What is in force on the connections of the client's pool. */
async function settingsOf(client: Client): Promise<string> {
  const of = async (name: string) => Object.values((await client.execute(`pragma ${name}`)).rows[0] ?? {})[0];
  return `libSQL, journal_mode=${await of("journal_mode")}, synchronous=${await of("synchronous")}`;
}
