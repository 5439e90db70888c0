import { setTimeout as delay } from "node:timers/promises";
import { type Api, type EventItem, many } from "../api.ts";
import { withDistributed, withEmbedded } from "../deployment.ts";
import { percentile } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { GATED } from "../workflows.ts";

const PER_SECOND = 50;

/** A run stops for a person and goes on when the person has decided. */
export const approvals: Scenario = {
  name: "approvals",
  summary: "from an approval to the step behind it, in one process and with a worker of its own on sqld",
  parts: [
    (bench) => withEmbedded(bench, [GATED], ({ api }) => rowsOf(bench, "one process", api, null)),
    (bench) =>
      withDistributed(bench, 1, [GATED], ({ api }) =>
        rowsOf(bench, "API and worker on sqld", api, { atMost: 25 }),
      ),
  ],
};

async function rowsOf(bench: Bench, where: string, api: Api, target: Row["target"]): Promise<readonly Row[]> {
  const count = bench.isQuick ? 50 : 1000;
  const runIds: string[] = [];
  await many(count, 16, async () => {
    runIds.push(await api.start(GATED.id));
  });
  await api.untilCount(GATED.id, "WAITING_APPROVAL", count, 120_000);
  const answered: number[] = [];
  const pending: Promise<void>[] = [];
  for (const [index, runId] of runIds.entries()) {
    const approvalId = await openApprovalOf(api, runId);
    pending.push(
      timed(answered, async () => {
        const { status, body } = await api.call(
          "POST",
          `/api/v1/workflow-approvals/${approvalId}/approve`,
          {},
        );
        if (status !== 200) throw new Error(`approval ${index} answered ${status}: ${JSON.stringify(body)}`);
      }),
    );
    await delay(1000 / PER_SECOND);
  }
  await Promise.all(pending);
  await api.untilCount(GATED.id, "COMPLETED", count, 120_000);
  const stopped: number[] = [];
  const resumed: number[] = [];
  for (const runId of runIds) {
    const events = await api.events(runId);
    stopped.push(between(events, "run.created", "approval.requested"));
    resumed.push(between(events, "approval.approved", "step.started"));
  }
  const row = { scenario: "approvals", unit: "ms", inFlight: null, other: null, target: null };
  return [
    { ...row, figure: `${where}: the answer to the decision p50`, ours: percentile(answered, 0.5) },
    { ...row, figure: `${where}: the answer to the decision p99`, ours: percentile(answered, 0.99) },
    { ...row, figure: `${where}: from the run's start to its request p50`, ours: percentile(stopped, 0.5) },
    { ...row, figure: `${where}: from decision to next step p50`, ours: percentile(resumed, 0.5) },
    { ...row, figure: `${where}: from decision to next step p99`, ours: percentile(resumed, 0.99), target },
  ];
}

async function timed(times: number[], act: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  await act();
  times.push(performance.now() - begun);
}

async function openApprovalOf(api: Api, runId: string): Promise<string> {
  const { body } = await api.call("GET", `/api/v1/workflow-runs/${runId}/approvals`);
  const [approval] = (body as { items: readonly { approvalId: string }[] }).items;
  if (!approval) throw new Error(`run ${runId} waits for nobody`);
  return approval.approvalId;
}

/** From the first event of one type to the first of another behind it, by their own times. */
function between(events: readonly EventItem[], from: string, to: string): number {
  const first = events.findIndex(({ type }) => type === from);
  const begun = events[first];
  const ended = events.slice(first + 1).find(({ type }) => type === to);
  if (!begun || !ended)
    throw new Error(`no ${to} behind ${from}: ${events.map(({ type }) => type).join(", ")}`);
  return Date.parse(ended.at) - Date.parse(begun.at);
}
