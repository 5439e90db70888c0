import { type Run, statusOf } from "../../../core/run/run.ts";
import { waitsFor } from "../../../core/view/question-of.ts";
import { wordOf } from "../../status.ts";

/**
 * How a run stands, for who listens instead of looking: another text only when something has changed, so that it is said
 * once. Nothing in it tells how long ago or how long still.
 */
export function newsOf(run: Run): string {
  const { lifecycle } = run;
  const because = (reason: string | null) => (reason ? `: ${reason}` : "");
  switch (lifecycle.status) {
    case "PENDING":
    case "RUNNING": {
      const asked = Object.values(run.approvals).find(({ status }) => status === "PENDING");
      if (!asked) return `The run is ${wordOf(statusOf(run))}`;
      const { who, votes } = waitsFor(asked);
      return `The run waits for approval by ${who} (${votes}): ${asked.message}`;
    }
    case "PAUSED":
      return `The run is paused${because(lifecycle.reason)}`;
    case "COMPLETED":
      return "The run is completed";
    case "CANCELLED":
      return `The run was cancelled${because(lifecycle.reason)}`;
    case "FAILED":
    case "TIMED_OUT": {
      const { state, message } = lifecycle.error;
      return `The run ${lifecycle.status === "FAILED" ? "failed" : "timed out"}${state ? ` at ${state}` : ""}: ${message}`;
    }
  }
}
