import { expect, test } from "vitest";
import { NO_TERMS } from "../../../core/run/approvals/evolve-approval.ts";
import type { Approval, Lifecycle, Run } from "../../../core/run/run.ts";
import { newsOf } from "./news.ts";

const error = { code: "E", message: "no answer", type: "engine", retryable: false };

function said(lifecycle: Lifecycle, more: Partial<Run> = {}): string {
  return newsOf({ lifecycle, openApprovals: 0, openSignals: 0, approvals: {}, ...more } as Run);
}

test("how a run stands is said in words that do not change while nothing happens", () => {
  expect(said({ status: "PENDING" })).toBe("The run is pending");
  expect(said({ status: "RUNNING" })).toBe("The run is running");
  expect(said({ status: "PAUSED", reason: "freeze" })).toBe("The run is paused: freeze");
  expect(said({ status: "COMPLETED", at: 1, output: null })).toBe("The run is completed");
  expect(said({ status: "CANCELLED", at: 1, reason: null })).toBe("The run was cancelled");
  expect(said({ status: "FAILED", at: 1, error: { ...error, state: "look" } })).toBe(
    "The run failed at look: no answer",
  );
  expect(said({ status: "TIMED_OUT", at: 1, error })).toBe("The run timed out: no answer");
});

test("a question says whom it waits for, not how long still", () => {
  const asked = {
    ...{ status: "PENDING", message: "Go on?", approvers: ["team:sre"], escalatedTo: [] },
    ...{ quorum: 1, decisions: [], expiresAt: 1, terms: NO_TERMS },
  } as unknown as Approval;
  expect(said({ status: "RUNNING" }, { approvals: { a: asked }, openApprovals: 1 } as Partial<Run>)).toBe(
    "The run waits for approval by team:sre (0 of 1): Go on?",
  );
});
