import { expect, it } from "vitest";
import type { Approval, Run, Step } from "../run/run.ts";
import { questionOf, waitsFor } from "./question-of.ts";

const approval = (id: string, stepId: string) => ({ id, stepId }) as unknown as Approval;
const run = {
  approvals: Object.fromEntries(
    [approval("apr_1", "s1"), approval("apr_2", "s2"), approval("apr_3", "s1")].map((one) => [one.id, one]),
  ),
} as unknown as Run;

it("of an agent that asked twice the second question is meant", () => {
  expect(questionOf(run, { id: "s1" } as Step)?.id).toBe("apr_3");
  expect(questionOf(run, { id: "s2" } as Step)?.id).toBe("apr_2");
  expect(questionOf(run, { id: "s3" } as Step)).toBeUndefined();
});

it("two voices of one group are one voice of two groups", () => {
  const voice = (by: string) => ({ by, as: ["team:sre"], decision: "approve" });
  const open = {
    approvers: ["team:sre", "team:security"],
    escalatedTo: ["user:head"],
    quorum: { "team:sre": 1, "team:security": 1 },
    terms: { rejectQuorum: 1 },
    decisions: [voice("user:ana"), voice("user:ben")],
  } as unknown as Approval;
  expect(waitsFor(open)).toEqual({ who: "team:sre, team:security, user:head", votes: "1 of 2" });
});
