import { expect, test } from "vitest";
import { workflow } from "../../../../test/support/drive.ts";
import { person } from "../../../../test/support/people.ts";
import type { ApprovalState, State } from "../../definition/types.ts";
import { LOCAL_USER } from "../../identity/principal.ts";
import { foreseeApprovals } from "./foresee.ts";

const gate = (extra: Partial<ApprovalState>): State => ({
  type: "operation",
  action: "human.approval",
  name: "gate",
  message: "Restart?",
  approvers: [],
  quorum: 1,
  excludeStarter: false,
  onReject: "fail",
  onTimeout: "fail",
  escalate: [],
  transition: { end: true },
  ...extra,
});
const carol = person("carol", { teams: ["shop"] });
const foreseen = (extra: Partial<ApprovalState>, who: typeof carol | typeof LOCAL_USER = carol) =>
  foreseeApprovals(workflow([gate(extra)]), who, "default")[0];

test("who is named, or belongs to who is named, is not warned", () => {
  expect(foreseen({ approvers: ["user:Carol"] })).toEqual({ state: "gate", may: "yes", because: "" });
  expect(foreseen({ approvers: ["{{ ctx.owner }}", "team:shop"] })?.may).toBe("yes");
  expect(foreseen({})?.may).toBe("yes");
});

test("who is not named, or starts what its starter may not approve, knows it before", () => {
  expect(foreseen({ approvers: ["team:platform"] })).toEqual({
    state: "gate",
    may: "no",
    because: "that is for team:platform",
  });
  expect(foreseen({ excludeStarter: true, approvers: ["user:carol"] })).toEqual({
    state: "gate",
    may: "no",
    because: "whoever starts the run may not",
  });
});

test("what the run has yet to find out is said to depend on it", () => {
  expect(foreseen({ approvers: ["team:platform", "{{ ctx.owner }}"] })).toEqual({
    state: "gate",
    may: "depends",
    because: "that is for team:platform, {{ ctx.owner }}",
  });
  expect(foreseen({ excludeAuthor: true })?.may).toBe("depends");
});

test("where nobody is asked who they are, whoever starts a run may approve it", () => {
  const strict = { approvers: ["team:platform"], excludeStarter: true, excludeAuthor: true } as const;
  expect(foreseen(strict, LOCAL_USER)?.may).toBe("yes");
});
