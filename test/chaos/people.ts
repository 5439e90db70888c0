import { setTimeout as delay } from "node:timers/promises";
import type { JsonObject } from "../../src/core/json.ts";
import { ApiError } from "../../src/http/client/errors.ts";
import type { Client } from "../../src/http/client.ts";
import type { Run } from "../../src/http/schemas/runs.ts";
import type { Chance } from "../simulation/random.ts";
import { persist, type Refusals } from "./persist.ts";
import type { Workflow } from "./workload.ts";

/** A run that somebody wants, under one idempotency key however often it is asked for. */
export type Order = { readonly key: string; readonly workflow: Workflow; readonly input: JsonObject };

/** With whose keys people call: a program decides only what names it, and never what it started itself. */
export type Callers = { readonly starter: Client; readonly approver: Client };

/** Somebody at the other end of HTTP: starts runs, and does what they wait for. */
export type People = {
  /** Asks until it is answered; answers the run's id. */
  start(order: Order): Promise<string>;
  /** Signals and approves until the run has ended; answers how it ended. */
  accompany(order: Order, runId: string): Promise<Run>;
  readonly refusals: Refusals;
};

const LOOK_MS = 250;
const TERMINAL = new Set(["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"]);

/** People who never give up before `until` aborts; the `nervous` ones ask twice and pause runs. */
export function peopleAt(callers: Callers, chance: Chance, until: AbortSignal, nervous: boolean): People {
  const { starter: client, approver } = callers;
  const refusals: Refusals = new Map();
  const insist = <Answer>(ask: () => Promise<Answer>) => persist(refusals, until, ask);

  const start = async ({ key, workflow, input }: Order): Promise<string> => {
    const body = { workflowId: workflow.id, input };
    const { runId } = await insist(() => client.startRun({ body, idempotencyKey: key }));
    return runId;
  };

  const signal = (runId: string, name: string) => {
    const body = { name, payload: { of: name }, id: `${runId}-${name}` };
    return insist(() => unlessOver(() => client.signalRun({ params: { runId }, body })));
  };

  const approve = async (runId: string) => {
    const query = { status: ["PENDING" as const] };
    const { items } = await insist(() => client.listRunApprovals({ params: { runId }, query }));
    for (const { approvalId } of items) {
      const ask = () => approver.approve({ params: { approvalId }, body: { comment: "go on" } });
      const asked = nervous && chance.happens(0.2) ? [ask, ask] : [ask];
      await Promise.all(asked.map((one) => insist(() => unlessDecided(one))));
    }
  };

  const takeABreak = async (runId: string) => {
    const params = { runId };
    await insist(() => unlessOver(() => client.pauseRun({ params, body: { reason: "a break" } })));
    await delay(chance.below(1500));
    await insist(() => unlessOver(() => client.resumeRun({ params })));
  };

  return {
    refusals,
    start,
    async accompany({ workflow }, runId) {
      const signals = [...workflow.signals];
      let mayPause = nervous && chance.happens(0.1);
      for (;;) {
        const run = await insist(() => client.getRun({ params: { runId } }));
        if (TERMINAL.has(run.status)) return run;
        if (run.status === "WAITING_APPROVAL") await approve(runId);
        const name = signals[0];
        if (name !== undefined && (run.status === "WAITING_SIGNAL" || chance.happens(0.3))) {
          await signal(runId, name);
          if (nervous && chance.happens(0.2)) await signal(runId, name);
          signals.shift();
        }
        if (mayPause && chance.happens(0.2)) {
          mayPause = false;
          await takeABreak(runId);
        }
        await delay(LOOK_MS);
      }
    },
  };
}

/** Another request, maybe our own that nobody heard the answer of, was faster. */
const unlessDecided = (ask: () => Promise<unknown>) => unless(["already-decided", "invalid-transition"], ask);
const unlessOver = (ask: () => Promise<unknown>) => unless(["invalid-transition"], ask);

/** Asks; a refusal for one of these reasons means that it has been done. */
export async function unless(codes: readonly string[], ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof ApiError && codes.includes(error.code))) throw error;
  }
}
