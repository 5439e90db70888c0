import { describe, expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import { withoutValues } from "./without-values.ts";

const SECRET = "ana@example.com";
const step = { branch: "root", state: "check", stepId: "s1", attempt: 1 };
const error = { code: "no", message: SECRET, type: "agent_error", retryable: false, details: { to: SECRET } };

const events = [
  {
    type: "run.created",
    runId: "run_1",
    workflow: { id: "w" },
    input: { to: SECRET },
    labels: { team: "sre" },
  },
  { type: "run.completed", output: { to: SECRET }, warnings: [SECRET] },
  { type: "run.failed", error },
  { type: "run.cancelled", reason: SECRET },
  { type: "branch.opened", branch: "root/a", start: "check", vars: { item: SECRET } },
  {
    type: "branch.closed",
    branch: "root/a",
    outcome: { status: "SUCCEEDED", result: SECRET, writes: { a: SECRET } },
  },
  { type: "branch.closed", branch: "root/a", outcome: { status: "FAILED", error, writes: { a: SECRET } } },
  { type: "state.entered", ...step, stateType: "operation", visit: 1, input: { to: SECRET } },
  { type: "state.exited", ...step, next: "fix", merge: { a: SECRET }, result: SECRET, error },
  { type: "state.reused", ...step, outcome: { status: "SUCCEEDED", output: SECRET }, next: "fix" },
  { type: "step.succeeded", ...step, output: SECRET, validation: { text: SECRET } },
  { type: "step.failed", ...step, error },
  {
    type: "approval.requested",
    ...step,
    approval: {
      ...{ id: "apr_1", message: SECRET, title: SECRET, summary: [SECRET] },
      terms: {
        consequence: { approved: { text: "mail", actions: [{ state: "mail", task: `mail ${SECRET}` }] } },
        escalate: [{ at: 1, to: ["team:sre"], notify: { text: SECRET } }],
      },
    },
  },
  { type: "approval.escalated", ...step, approvalId: "apr_1", level: 1, to: [], notify: { text: SECRET } },
  { type: "approval.delegated", ...step, approvalId: "apr_1", to: "user:eve", as: [], comment: SECRET },
  { type: "approval.voted", ...step, approvalId: "apr_1", comment: SECRET, args: { to: SECRET } },
  { type: "signal.received", signalId: "1", name: "go", payload: SECRET },
] as unknown as readonly RunEvent[];

describe("an event whose values are purged", () => {
  it.each(events.map((event) => [event.type, event] as const))("%s tells nothing of them", (type, event) => {
    const left = withoutValues(event);
    expect(JSON.stringify(left)).not.toContain(SECRET);
    expect(left).toMatchObject({ type });
    expect(Object.keys(left ?? {})).toEqual(Object.keys(event));
  });

  it("still says where it was and what came of it", () => {
    expect(withoutValues(events[11] as RunEvent)).toEqual({
      ...{ type: "step.failed", ...step },
      error: { code: "no", message: "purged", type: "agent_error", retryable: false },
    });
    expect(withoutValues({ type: "run.resumed" })).toBeNull();
  });
});
