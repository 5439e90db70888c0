import { join } from "node:path";
import type { JsonObject } from "../../src/core/json.ts";
import type { Client } from "../../src/http/client.ts";
import { Chance } from "../simulation/random.ts";
import { deploy } from "./deployment.ts";
import { historyOf, outcomeOf } from "./history.ts";
import { peopleAt, unless } from "./people.ts";
import { persist } from "./persist.ts";
import { issueSecrets, type Planted } from "./secrets.ts";
import type { Workflow } from "./workload.ts";

/** What each input of each workflow comes to when nothing is disturbed. */
export type Expected = ReadonlyMap<JsonObject, unknown>;

/** Runs everything once on a calm instance of its own. */
export async function calmOutcomes(
  workflows: readonly Workflow[],
  directory: string,
  { programs, planted: { env, token } }: { readonly programs: string; readonly planted: Planted },
): Promise<Expected> {
  const deployment = await deploy("file", join(directory, "calm"), { programs, env });
  try {
    if (!(await deployment.ready(30_000))) throw new Error("the calm instance does not start");
    const admin = deployment.clientWith(token);
    await publish(admin, workflows);
    const { starter, approver } = await issueSecrets(admin);
    const callers = { starter: deployment.clientWith(starter), approver: deployment.clientWith(approver) };
    const people = peopleAt(callers, new Chance(1), AbortSignal.timeout(120_000), false);
    const orders = workflows.flatMap((workflow) =>
      workflow.inputs.map((input, index) => ({ key: `calm-${workflow.id}-${index}`, workflow, input })),
    );
    const outcomes = orders.map(async (order) => {
      const runId = await people.start(order);
      const run = await people.accompany(order, runId);
      if (run.status !== "COMPLETED")
        throw new Error(`${order.workflow.id} ends ${run.status}: ${JSON.stringify(run.error)}`);
      return [order.input, outcomeOf(await historyOf(callers.starter, runId))] as const;
    });
    return new Map(await Promise.all(outcomes));
  } finally {
    await deployment.remove();
  }
}

/** All workflows are published within this time. */
const PUBLISH_MS = 60_000;

/** Publishes the workflows over HTTP. */
export async function publish(client: Client, workflows: readonly Workflow[]): Promise<void> {
  const inTime = AbortSignal.timeout(PUBLISH_MS);
  for (const { id, text } of workflows) {
    const body = { definition: text, environment: "default" };
    const ask = () => client.createWorkflow({ body, idempotencyKey: `publish-${id}` });
    // A machine with much to do may answer late: it is asked again, and may have done it.
    await persist(new Map(), inTime, () => unless(["workflow-exists"], ask));
  }
}
