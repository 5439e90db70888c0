import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "../run/ids.ts";
import {
  type ApprovalFacts,
  approvalIn,
  deliveryIdOf,
  notificationOf,
  type RunFacts,
  TOLD_EVENTS,
} from "./notification.ts";
import { MOST_ATTEMPTS, pauseAfter, verdictOf } from "./retry.ts";
import { samplePayload } from "./sample.ts";
import { clipped, fitted } from "./size.ts";
import {
  approverAt,
  hasLabels,
  isMailAddress,
  isToldOf,
  recipientsOf,
  type Subscription,
} from "./subscription.ts";
import { messageOf, plainForSlack } from "./texts.ts";
import { NOTIFICATION_TYPES } from "./types.ts";

const AT = 1_800_000_000_000;
const run: RunFacts = {
  runId: "run_1" as RunId,
  workflowId: "triage",
  workflowVersion: 3,
  environment: "prod",
  startedBy: "user:ana",
  labels: { team: "web" },
};
const approval: ApprovalFacts = {
  id: "apr_1" as ApprovalId,
  state: "ask",
  title: "Restart",
  message: "May it?",
  approvers: ["user:ben@example.com", "team:platform"],
  escalatedTo: [],
  expiresAt: AT + 3_600_000,
};
const at = { branch: "" as BranchPath, state: "ask", stepId: "s" as StepId, approvalId: approval.id };
const options = { baseUrl: "https://station.example", redact: (text: string) => text };
const told = (event: RunEvent, facts: ApprovalFacts | null = approval, actor = "system") =>
  notificationOf({ at: AT, actor, event }, run, facts, options);

const error = { code: "X", message: "it broke", type: "agent_error", retryable: false };
const EVENTS: readonly (readonly [RunEvent, string])[] = [
  [{ type: "run.completed", output: { secret: "output" } }, "run.completed"],
  [{ type: "run.failed", error }, "run.failed"],
  [{ type: "run.cancelled", reason: "no" }, "run.cancelled"],
  [{ type: "run.timed_out", error }, "run.timed_out"],
  [
    {
      type: "approval.requested",
      branch: at.branch,
      state: "ask",
      stepId: at.stepId,
      approval: { ...approval, summary: { secret: "summary" }, quorum: 1, excludeStarter: true, digest: "d" },
    },
    "approval.requested",
  ],
  [{ type: "approval.reminded", ...at, expiresAt: null }, "approval.reminder"],
  [{ type: "approval.escalated", ...at, level: 1, to: ["team:leads"], notify: "#ops" }, "approval.escalated"],
  [{ type: "approval.approved", ...at, comment: "go" }, "approval.decided"],
  [{ type: "approval.rejected", ...at, comment: "no" }, "approval.decided"],
  [{ type: "approval.expired", ...at }, "approval.expired"],
];

describe("what is told of an event", () => {
  it.each(EVENTS)("%j is told as %s", (event, type) => {
    expect(told(event)).toMatchObject({ type, payload: { type, timestamp: "2027-01-15T08:00:00.000Z" } });
    expect(JSON.stringify(told(event))).not.toContain("secret");
  });

  it("is every kind there is, of every event that is looked for, and of no other", () => {
    expect(new Set(EVENTS.map(([, type]) => type))).toEqual(new Set(NOTIFICATION_TYPES));
    expect(new Set(EVENTS.map(([event]) => event.type))).toEqual(new Set(TOLD_EVENTS));
    expect(told({ type: "run.resumed" })).toBeNull();
    expect(told({ type: "approval.voted", ...at, comment: null })).toBeNull();
    expect(approvalIn({ type: "approval.voted", ...at, comment: null })).toBeNull();
  });

  it("says what happened to which run and leads to it", () => {
    expect(told({ type: "run.failed", error })?.payload).toEqual({
      type: "run.failed",
      timestamp: "2027-01-15T08:00:00.000Z",
      data: {
        ...run,
        status: "FAILED",
        message: "it broke",
        link: "https://station.example/runs/run_1",
        approval: null,
      },
    });
    expect(
      told({ type: "approval.rejected", ...at, comment: "no" }, approval, "user:ben")?.payload.data,
    ).toEqual({
      ...run,
      status: null,
      message: null,
      link: "https://station.example/runs/run_1",
      approval: {
        approvalId: "apr_1",
        state: "ask",
        title: "Restart",
        message: "May it?",
        approvers: ["user:ben@example.com", "team:platform"],
        expiresAt: "2027-01-15T09:00:00.000Z",
        status: "REJECTED",
        decidedBy: "user:ben",
        comment: "no",
        level: null,
        to: [],
        notify: null,
        link: "https://station.example/approvals/apr_1",
      },
    });
  });

  it("asks whoever may decide, and after an escalation whom that brought in", () => {
    const reminded: RunEvent = { type: "approval.reminded", ...at, expiresAt: null };
    expect(told(reminded, { ...approval, escalatedTo: ["team:leads"] })?.asked).toEqual([
      "user:ben@example.com",
      "team:platform",
      "team:leads",
    ]);
    expect(
      told({ type: "approval.escalated", ...at, level: 1, to: ["user:eve"], notify: null })?.asked,
    ).toEqual(["user:eve"]);
    expect(told({ type: "approval.approved", ...at, comment: null })?.asked).toEqual([]);
  });

  it("has its secrets hidden", () => {
    const redact = (text: string) => text.replaceAll("hunter2", "[redacted]");
    const event: RunEvent = { type: "run.failed", error: { ...error, message: "password hunter2 is wrong" } };
    const hidden = notificationOf({ at: AT, actor: "system", event }, run, null, { baseUrl: null, redact });
    expect(hidden?.payload.data).toMatchObject({ message: "password [redacted] is wrong", link: null });
  });

  it("stays under 20 KB, whatever people wrote into it", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 300 }).map((one) => one.repeat(40)),
      fc.string({ unit: fc.constantFrom("\u0000", "😀", "\ud800", "a"), minLength: 4000, maxLength: 6000 }),
    );
    const names = fc.array(text, { maxLength: 120 });
    fc.assert(
      fc.property(text, text, names, fc.jsonValue({ maxDepth: 3 }), (message, title, approvers, notify) => {
        const event = { type: "approval.escalated", ...at, level: 1, to: approvers, notify } as RunEvent;
        const labels = Object.fromEntries(approvers.map((name, index) => [`${index}${name}`, name]));
        const large = { ...approval, message, title, approvers };
        const notification = notificationOf(
          { at: AT, actor: title, event },
          { ...run, labels },
          large,
          options,
        );
        expect(Buffer.byteLength(JSON.stringify(notification?.payload))).toBeLessThan(20_000);
      }),
      { numRuns: 60 },
    );
  });

  it("is cut between characters, and says so", () => {
    expect(clipped("abc", 3)).toBe("abc");
    expect(clipped("abcd", 3)).toBe("ab…");
    expect(clipped("a😀bc", 3)).toBe("a…");
    const data = samplePayload("run.failed").data;
    expect(fitted({ ...data, message: "x".repeat(3000) }).message).toHaveLength(2000);
    expect(fitted(data)).toEqual(data);
  });
});

describe("who is told", () => {
  const subscription: Subscription = {
    id: "sub_1",
    environment: "prod",
    name: "ops",
    types: ["run.failed", "approval.requested"],
    workflows: [],
    labels: {},
    channel: { kind: "mail", to: ["Ops@example.com"], approvers: true },
    template: {},
    disabled: null,
    since: 0,
    createdAt: AT,
    createdBy: "user:ana",
    updatedAt: AT,
    revision: 1,
  };
  const failed = told({ type: "run.failed", error });
  const asked = told(EVENTS[4]?.[0] as RunEvent);
  if (!failed || !asked) throw new Error("nothing is told");

  it("is who asked for this type, environment and workflow, and is not disabled", () => {
    expect(isToldOf(subscription, failed)).toBe(true);
    const but = (change: Partial<Subscription>) => isToldOf({ ...subscription, ...change }, failed);
    expect(but({ types: ["run.completed"] })).toBe(false);
    expect(but({ environment: "staging" })).toBe(false);
    expect(but({ workflows: ["deploy"] })).toBe(false);
    expect(but({ workflows: ["deploy", "triage"] })).toBe(true);
    expect(but({ disabled: { at: AT, by: "user:ana", because: "operator" } })).toBe(false);
  });

  it("can be only of runs with labels", () => {
    const but = (labels: Record<string, string>) =>
      hasLabels({ ...subscription, labels }, { team: "web", a: "1" });
    expect([but({}), but({ team: "web" }), but({ team: "web", a: "1" })]).toEqual([true, true, true]);
    expect([but({ team: "db" }), but({ team: "web", b: "1" })]).toEqual([false, false]);
  });

  it("is each address once, and the approvers that are named by theirs", () => {
    expect(recipientsOf(subscription, failed)).toEqual(["Ops@example.com"]);
    expect(recipientsOf(subscription, asked)).toEqual(["Ops@example.com", "ben@example.com"]);
    const channel = { kind: "mail", to: ["BEN@example.com"], approvers: true } as const;
    expect(recipientsOf({ ...subscription, channel }, asked)).toEqual(["ben@example.com"]);
    const webhook = { kind: "webhook", url: "https://example.com", sealed: "" } as const;
    expect(recipientsOf({ ...subscription, channel: webhook }, asked)).toEqual([null]);
    expect(approverAt("Ben@example.com", approval.approvers)).toBe("user:ben@example.com");
    expect(approverAt("ana@example.com", approval.approvers)).toBeNull();
  });

  it("is a mail address and nothing that would be read as more", () => {
    for (const good of ["a@b", "ana.b+c@example.com"]) expect(isMailAddress(good)).toBe(true);
    for (const bad of [
      "",
      "a",
      "a@b@c",
      "a@b, c@d",
      "a@b\nbcc: c@d",
      "<a@b>",
      "a b@c",
      `${"a".repeat(300)}@b`,
    ])
      expect(isMailAddress(bad)).toBe(false);
  });

  it("is told of the same event under the same id, and under another everything else", () => {
    const one = { subscriptionId: "sub_1", runId: run.runId, seq: 7, recipient: null };
    expect(deliveryIdOf(one)).toBe(deliveryIdOf({ ...one }));
    expect(deliveryIdOf(one)).toMatch(/^ntf_[0-9a-f]{26}$/);
    const others = [
      { seq: 8 },
      { recipient: "a@b" },
      { subscriptionId: "sub_2" },
      { runId: "run_2" as RunId },
    ];
    const ids = new Set([one, ...others.map((change) => ({ ...one, ...change }))].map(deliveryIdOf));
    expect(ids.size).toBe(5);
  });
});

describe("a delivery that did not arrive", () => {
  it("is tried ten times over three days, each time a little off", () => {
    const pauses = Array.from({ length: MOST_ATTEMPTS }, (_, index) => pauseAfter(index + 1, 0.5));
    const [s, m, h] = [1000, 60_000, 3_600_000];
    expect(pauses).toEqual([5 * s, 5 * m, 30 * m, 2 * h, 5 * h, 10 * h, 14 * h, 20 * h, 24 * h, null]);
    expect([pauseAfter(1, 0), pauseAfter(1, 1)]).toEqual([4500, 5500]);
  });

  it("waits for as long as the receiver asked, up to a day", () => {
    expect(pauseAfter(1, 0.5, 60)).toBe(60_000);
    expect(pauseAfter(4, 0.5, 60)).toBe(7_200_000);
    expect(pauseAfter(1, 0.5, 1e9)).toBe(86_400_000);
  });

  it("is one that nobody took", () => {
    expect([200, 202, 204].map(verdictOf)).toEqual(["delivered", "delivered", "delivered"]);
    expect([301, 400, 404, 429, 500].map(verdictOf)).toEqual(Array(5).fill("failed"));
    expect(verdictOf(410)).toBe("gone");
  });
});

describe("what people read", () => {
  it("says what is the matter first, then what it is about and where to go", () => {
    const all = NOTIFICATION_TYPES.map((type) => messageOf(samplePayload(type), "https://station.example/x"));
    expect(all.map(({ subject, text }) => `${subject}\n${text}`).join("\n\n")).toMatchInlineSnapshot(`
      "Approval needed: Restart checkout (incident-triage in prod)
      May it be restarted?
      For user:ben@example.com, team:platform
      Until 2026-01-05T10:00:00.000Z, then nobody can decide it
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Still waiting for you: Restart checkout (incident-triage in prod)
      May it be restarted?
      For user:ben@example.com, team:platform
      Until 2026-01-05T10:00:00.000Z, then nobody can decide it
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Nobody has decided yet: Restart checkout (incident-triage in prod)
      May it be restarted?
      Asked too: team:leads
      Until 2026-01-05T10:00:00.000Z, then nobody can decide it
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Approved by user:ben@example.com: Restart checkout (incident-triage in prod)
      May it be restarted?
      “go”
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Nobody decided in time: Restart checkout (incident-triage in prod)
      May it be restarted?
      For user:ben@example.com, team:platform
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Completed: incident-triage in prod
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Failed: incident-triage in prod
      agent "k8s-remediator" failed: deployment not found
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Cancelled: incident-triage in prod
      not needed any more
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x

      Timed out: incident-triage in prod
      the run took longer than 3600 s
      Run run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7 of incident-triage v4, started by user:ana@example.com
      https://station.example/x"
    `);
  });

  it("has nothing in it that Slack would act on", () => {
    expect(plainForSlack("<!channel> & <https://evil|here>")).toBe(
      "&lt;!channel&gt; &amp; &lt;https://evil|here&gt;",
    );
  });
});
