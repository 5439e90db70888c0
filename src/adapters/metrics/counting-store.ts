import { Counter, Histogram, type Registry } from "prom-client";
import { Lru } from "../../core/lru.ts";
import type { Recorded } from "../../core/run/events.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { WorkflowRef } from "../../core/run/run.ts";
import type { Transition } from "../../core/run/transition.ts";
import type { Store } from "../../engine/ports.ts";
import { countingAgents } from "./counting-agents.ts";

/** What is known of a run without asking: what was loaded or begun lately. */
type Known = { readonly workflow: WorkflowRef; readonly createdAt: number };

const REMEMBERED = 20_000;
/** From a tenth of a second to a day: agents think, people sleep. */
const LONG = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

const OUTCOMES = {
  "run.completed": "COMPLETED",
  "run.failed": "FAILED",
  "run.cancelled": "CANCELLED",
  "run.timed_out": "TIMED_OUT",
  "step.succeeded": "SUCCEEDED",
  "step.failed": "FAILED",
  "step.timed_out": "TIMED_OUT",
  "approval.approved": "APPROVED",
  "approval.rejected": "REJECTED",
  "approval.expired": "EXPIRED",
} as const;

const OUTCOME_OF = { DELIVERED: "delivered", PENDING: "failed", DEAD: "dead" } as const;

/** Counts what happens to runs where it is kept: every commit passes here, and in one process only. */
export function counting(store: Store, registry: Registry): Store {
  const known = new Lru<RunId, Known>(REMEMBERED);
  const count = createCounters(registry);
  const sent = new Counter({
    name: "station_tasks_sent_total",
    help: "Tasks handed to the queue; the same one counts again when it is sent again",
    registers: [registry],
  });
  const batches = new Histogram({
    name: "station_relay_batch_size",
    help: "Tasks that the relay took from the outbox at once; looks that found none are left out",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [registry],
  });
  const told = new Counter({
    name: "station_notification_attempts_total",
    help: "Notifications that were sent, by what came of it: delivered, failed, dead",
    labelNames: ["outcome"],
    registers: [registry],
  });
  return {
    ...store,
    agents: countingAgents(store.agents, registry),
    notifications: {
      ...store.notifications,
      async settle(delivery, outcome) {
        const isKept = await store.notifications.settle(delivery, outcome);
        if (isKept) told.inc({ outcome: OUTCOME_OF[outcome.standing.status] });
        return isKept;
      },
    },
    outbox: {
      ...store.outbox,
      async takeDue(...args) {
        const messages = await store.outbox.takeDue(...args);
        sent.inc(messages.length);
        if (messages.length > 0) batches.observe(messages.length);
        return messages;
      },
      onDispatch(listener) {
        store.outbox.onDispatch((messages) => {
          sent.inc(messages.length);
          listener(messages);
        });
      },
    },
    runs: {
      ...store.runs,
      async load(runId, branch) {
        const loaded = await store.runs.load(runId, branch);
        if (loaded) known.set(runId, loaded.run);
        return loaded;
      },
      async commit(transition, once) {
        const result = await store.runs.commit(transition, once);
        if (result.status !== "committed") return result;
        const [first] = transition.events;
        if (first?.event.type === "run.created")
          known.set(transition.runId, { workflow: first.event.workflow, createdAt: first.at });
        for (const recorded of transition.events) count(recorded, transition, known.get(transition.runId));
        return result;
      },
    },
  };
}

function createCounters(registry: Registry) {
  const registers = [registry];
  const workflow = ["environment", "workflow"] as const;
  const ended = [...workflow, "outcome"] as const;
  const runsStarted = new Counter({
    name: "station_runs_started_total",
    help: "Runs that were asked for",
    labelNames: workflow,
    registers,
  });
  const runDuration = new Histogram({
    name: "station_run_duration_seconds",
    help: "From a run's creation to its end, by how it ended",
    labelNames: ended,
    buckets: LONG,
    registers,
  });
  const stepDuration = new Histogram({
    name: "station_step_duration_seconds",
    help: "From the start of an agent's attempt to its end, by how it ended",
    labelNames: ended,
    buckets: LONG,
    registers,
  });
  const retries = new Counter({
    name: "station_step_retries_total",
    help: "Attempts that failed and are tried again",
    labelNames: workflow,
    registers,
  });
  const leaseExpiries = new Counter({
    name: "station_lease_expiries_total",
    help: "Steps taken over from a worker that no longer reported to be alive",
    labelNames: workflow,
    registers,
  });
  const discarded = new Counter({
    name: "station_step_results_discarded_total",
    help: "Results of attempts that no longer counted",
    labelNames: workflow,
    registers,
  });
  const approvalsAsked = new Counter({
    name: "station_approvals_requested_total",
    help: "Approvals that people were asked for",
    labelNames: workflow,
    registers,
  });
  const approvalWait = new Histogram({
    name: "station_approval_wait_seconds",
    help: "From an approval's request to its decision or expiry",
    labelNames: ended,
    buckets: LONG,
    registers,
  });

  return ({ at, event }: Recorded, transition: Transition, run: Known | undefined): void => {
    const labels = { environment: run?.workflow.environment ?? "", workflow: run?.workflow.id ?? "" };
    switch (event.type) {
      case "run.created":
        runsStarted.inc(labels);
        break;
      case "run.completed":
      case "run.failed":
      case "run.cancelled":
      case "run.timed_out":
        if (run)
          runDuration.observe({ ...labels, outcome: OUTCOMES[event.type] }, (at - run.createdAt) / 1000);
        break;
      case "step.succeeded":
      case "step.failed":
      case "step.timed_out": {
        const step = transition.steps.find(({ id }) => id === event.stepId);
        if (step?.action !== "agent.run") break;
        const startedAt = step.startedAt ?? at;
        stepDuration.observe({ ...labels, outcome: OUTCOMES[event.type] }, (at - startedAt) / 1000);
        if ("retryAt" in event && event.retryAt !== undefined) retries.inc(labels);
        break;
      }
      case "step.reclaimed":
        leaseExpiries.inc(labels);
        break;
      case "step.result_discarded":
        discarded.inc(labels);
        break;
      case "approval.requested":
        approvalsAsked.inc(labels);
        break;
      case "approval.approved":
      case "approval.rejected":
      case "approval.expired": {
        const approval = transition.approvals.find(({ id }) => id === event.approvalId);
        const since = approval?.requestedAt ?? at;
        approvalWait.observe({ ...labels, outcome: OUTCOMES[event.type] }, (at - since) / 1000);
        break;
      }
      default:
        break;
    }
  };
}
