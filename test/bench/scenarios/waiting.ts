import { setTimeout as delay } from "node:timers/promises";
import { type Api, many } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import { cpuOf, memoryOf } from "../process-usage.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { APPROVAL } from "../workflows.ts";

/** What runs cost that do nothing but wait for a person. */
export const waiting: Scenario = {
  name: "waiting",
  summary:
    "100,000 runs wait for an approval: memory and CPU of the idle process, and how long it takes to wake all",
  parts: [idleThenWoken],
};

function idleThenWoken(bench: Bench): Promise<readonly Row[]> {
  return withEmbedded(bench, [APPROVAL], async ({ api, station }) => {
    const count = bench.isQuick ? 2000 : 100_000;
    bench.say(`waiting: starting ${count} runs`);
    await many(count, 32, () => api.start(APPROVAL.id));
    await api.untilCount(APPROVAL.id, "WAITING_APPROVAL", count, 600_000);
    // The sealer may still be behind.
    await delay(bench.isQuick ? 2000 : 30_000);
    const cpu = await cpuOf(station.pid, bench.isQuick ? 3000 : 60_000);
    const memory = await memoryOf(station.pid);
    bench.say("waiting: approving all of them");
    const approvalIds = await openApprovals(api);
    if (approvalIds.length !== count)
      throw new Error(`${approvalIds.length} approvals are open, not ${count}`);
    const begun = performance.now();
    await many(Math.ceil(count / PER_REQUEST), 8, (index) =>
      approve(api, approvalIds.slice(index * PER_REQUEST, (index + 1) * PER_REQUEST)),
    );
    await api.untilCount(APPROVAL.id, "COMPLETED", count, 600_000);
    const seconds = (performance.now() - begun) / 1000;
    const row = { scenario: "waiting", inFlight: count, other: null };
    return [
      { ...row, figure: "resident", unit: "MB", ours: memory.now, target: { atMost: 400 } },
      {
        ...row,
        figure: "resident at most, while they were started",
        unit: "MB",
        ours: memory.highest,
        target: null,
      },
      { ...row, figure: "CPU while idle", unit: "% of a core", ours: cpu, target: { atMost: 1 } },
      { ...row, figure: "all of them approved and ended", unit: "s", ours: seconds, target: null },
      { ...row, figure: "the same", unit: "runs/s", ours: count / seconds, target: null },
    ];
  });
}

/** As many as one request may decide. */
const PER_REQUEST = 100;

async function openApprovals(api: Api): Promise<readonly string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await api.call("GET", `/api/v1/workflow-approvals?status=PENDING&limit=200${query}`);
    const page = body as { readonly items: readonly { approvalId: string }[]; nextCursor: string | null };
    found.push(...page.items.map(({ approvalId }) => approvalId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

async function approve(api: Api, approvalIds: readonly string[]): Promise<void> {
  const items = approvalIds.map((approvalId) => ({ approvalId, decision: "approve" }));
  const { status, body } = await api.call("POST", "/api/v1/workflow-approvals/decide", { items });
  const { accepted } = body as { readonly accepted: number };
  if (status !== 200 || accepted !== items.length)
    throw new Error(
      `${accepted} of ${items.length} decisions were taken: ${JSON.stringify(body).slice(0, 500)}`,
    );
}
