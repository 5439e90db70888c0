import { describe, expect, it } from "vitest";
import { agent, block, Drive, workflow } from "../../../test/support/drive.ts";
import { person } from "../../../test/support/people.ts";
import type { Definition, State } from "../../core/definition/types.ts";
import type { JsonObject } from "../../core/json.ts";
import { makeLook } from "../terminal/look.ts";
import { textWidth } from "../terminal/text.ts";
import { itemsOf, viewAfter } from "./recorded-run.ts";
import { drawTree } from "./tree.ts";
import { follow, viewOf } from "./view.ts";

const triage: Definition = workflow(
  [
    { type: "inject", name: "inject_defaults", data: { rate: 0.05 }, transition: { next: "diagnostics" } },
    {
      type: "parallel",
      name: "diagnostics",
      branches: [
        block("pods", [agent("check_pods", undefined, { agent: "k8s-pod-checker" })]),
        block("errors", [
          agent("check_errors", undefined, {
            agent: "slo-analyzer",
            retry: { maxAttempts: 3, backoffSeconds: 1, multiplier: 1, maxBackoffSeconds: 9, jitter: false },
          }),
        ]),
      ],
      join: "all",
      onBranchFailure: "cancel",
      transition: { next: "decide" },
    },
    {
      type: "switch",
      name: "decide",
      conditions: [{ if: "error_rate > 0.05", next: "request_approval" }],
      defaultNext: "report_ok",
    },
    {
      type: "operation",
      action: "human.approval",
      name: "request_approval",
      message: "Approve mitigation?",
      approvers: ["team:platform"],
      quorum: 1,
      excludeStarter: false,
      onReject: "fail",
      onTimeout: "fail",
      escalate: [],
      timeoutSeconds: 3600,
      transition: { next: "mitigate" },
    },
    agent("mitigate", "notify", { agent: "k8s-remediator" }),
    agent("notify", undefined, { agent: "notification-sender" }),
    agent("report_ok", undefined, { agent: "notification-sender" }),
  ],
  { id: "incident-triage" },
);

const prometheus = { type: "agent_error", code: "AGENT", message: "prometheus timed out", retryable: true };

function untilApproval(): Drive {
  return new Drive(triage, {
    evaluate: () => true,
    agents: (step) =>
      step.state === "check_errors" && step.attempt === 1
        ? { status: "failed", error: prometheus }
        : { status: "completed", output: {}, simulated: true },
  })
    .settle()
    .pass(154_000);
}

function drawn(drive: Drive, definition: Definition, columns: number, look = makeLook(false, true)): string {
  const view = viewAfter(definition, drive.log);
  const address = "http://station.example.com:8585/runs/run_1";
  const lines = drawTree(view, { look, columns, now: drive.now, address });
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  return `\n${lines.join("\n")}\n`;
}

describe("a run that waits for a person", () => {
  it("at 120 columns", () => {
    expect(drawn(untilApproval(), triage, 120)).toMatchInlineSnapshot(`
      "
      run_1  incident-triage v1                                                     http://station.example.com:8585/runs/run_1
      ✓ inject_defaults                        0ms
      ✓ diagnostics                           1.0s   2/2
        ✓ check_pods      k8s-pod-checker      0ms   simulated
        ✓ check_errors    slo-analyzer        1.0s   2 attempts: prometheus timed out · simulated
      ✓ decide                                 0ms   error_rate > 0.05 → request_approval
      ◆ request_approval                     02:33   waiting for team:platform, 0 of 1 – 57m left
                                                     approve: stn approve apr_06b2d9   reject: stn reject apr_06b2d9 -m "…"
      ○ mitigate   ○ notify   ⊳ report_ok
      "
    `);
  });

  it("at 60 columns", () => {
    expect(drawn(untilApproval(), triage, 60)).toMatchInlineSnapshot(`
      "
      run_1  incident-triage v1
      http://station.example.com:8585/runs/run_1
      ✓ inject_defaults       0ms
      ✓ diagnostics          1.0s   2/2
        ✓ check_pods          0ms   simulated
        ✓ check_errors       1.0s
            2 attempts: prometheus timed out · simulated
      ✓ decide                0ms
          error_rate > 0.05 → request_approval
      ◆ request_approval    02:33
          waiting for team:platform, 0 of 1 – 57m left
          approve: stn approve apr_06b2d9
          reject: stn reject apr_06b2d9 -m "…"
      ○ mitigate   ○ notify   ⊳ report_ok
      "
    `);
  });

  it("in ASCII", () => {
    const text = drawn(untilApproval(), triage, 120, makeLook(false, false));
    expect(text).toMatch(/^\p{ASCII}*$/u);
    expect(text).toContain("? request_approval");
  });

  it("in colour says the same", () => {
    const painted = drawn(untilApproval(), triage, 120, makeLook(true, true));
    expect(painted).toContain("\x1b[33m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken away
    expect(painted.replace(/\x1b\[\d+m/g, "")).toBe(drawn(untilApproval(), triage, 120));
  });
});

it("says who rejected, and why, and that the run failed for it", () => {
  const drive = untilApproval();
  const approval = Object.values(drive.run.approvals)[0];
  if (!approval) throw new Error("no approval");
  drive.send(
    {
      type: "decide-approval",
      principal: person("bob", { teams: ["platform"] }),
      approvalId: approval.id,
      decision: "reject",
      comment: "not now",
      digest: null,
    },
    "user:bob",
  );
  drive.send({ type: "advance", branch: approval.branch, starter: null, isOrphaned: false }, "system");
  const text = drawn(drive, triage, 120);
  expect(text).toContain("rejected by user:bob: not now");
  expect(text).toContain("✕ failed after 02:34 at request_approval");
  expect(text).toContain("⊳ mitigate   ⊳ notify   ⊳ report_ok");
});

const each = (count: number, extra: object = {}): { definition: Definition; input: JsonObject } => ({
  definition: workflow([
    {
      type: "foreach",
      name: "check_services",
      itemsPath: "services",
      itemName: "service",
      maxConcurrency: 50,
      iterator: block("iterator", [agent("check", undefined, { agent: "prober" })]),
      outputAggregation: "results",
      onBranchFailure: "wait",
      transition: { end: true },
      ...extra,
    } as State,
  ]),
  input: { services: Array.from({ length: count }, (_, i) => ({ name: `service-${i}` })) },
});

describe("a foreach", () => {
  it("is one line when all went well", () => {
    const { definition, input } = each(3);
    const text = drawn(new Drive(definition, { input }).settle(), definition, 100);
    expect(text).toMatch(/✓ check_services +0ms {3}3\/3\n\n✓ completed/);
  });

  it("names the items that failed, and of many only some", () => {
    const { definition, input } = each(40);
    const failing = new Drive(definition, {
      input,
      agents: ({ branch }) =>
        branch.endsWith("7")
          ? {
              status: "failed",
              error: { ...prometheus, retryable: false, message: `no answer from ${branch}` },
            }
          : { status: "completed", output: 1, simulated: false },
    }).settle();
    const text = drawn(failing, definition, 100);
    expect(text).toContain("40/40, 4 failed");
    expect(text.match(/✕ service-\d*7 /g)).toHaveLength(4);
    expect(text).not.toContain("service-3 ");
  });

  it("of many items costs no more per item than of few", () => {
    const view = (count: number) => {
      const { definition, input } = each(count);
      return viewAfter(definition, new Drive(definition, { input }).settle().log);
    };
    const { run, tallies } = view(300);
    expect(Object.keys(run?.steps ?? {})).toHaveLength(1);
    expect(Object.values(tallies)[0]).toMatchObject({ total: 300, succeeded: 300, branches: [] });
  });
});

it("shows the branch of several states above them, and what try caught", () => {
  const definition = workflow([
    {
      type: "try",
      name: "guarded",
      try: block("try", [agent("risky")]),
      catch: block("catch", [agent("repair", "report"), agent("report")]),
      transition: { end: true },
    },
  ]);
  const drive = new Drive(definition, {
    agents: ({ state }) =>
      state === "risky"
        ? { status: "failed", error: { ...prometheus, retryable: false } }
        : { status: "completed", output: 1, simulated: false },
  }).settle();
  expect(drawn(drive, definition, 80)).toMatchInlineSnapshot(`
    "
    run_1  w v1                           http://station.example.com:8585/runs/run_1
    ✓ guarded               0ms
      ✕ risky               0ms   prometheus timed out
      ✓ catch               0ms
        ✓ repair            0ms
        ✓ report            0ms

    ✓ completed in 0ms
    "
  `);
});

it("does not break on text an agent wrote to break it", () => {
  const definition = workflow([agent("evil")]);
  const message = "bad\x1b[2J\nfake ✓ line\u202e";
  const drive = new Drive(definition, {
    agents: () => ({ status: "failed", error: { ...prometheus, retryable: false, message } }),
  }).settle();
  const text = drawn(drive, definition, 100);
  expect(text).toContain("bad fake ✓ line");
  expect(text).not.toContain("\x1b");
});

it("an event that is told twice is counted once", () => {
  const items = itemsOf(untilApproval().log);
  const once = items.reduce(follow, viewOf(triage));
  expect([...items, ...items.slice(3)].reduce(follow, viewOf(triage))).toEqual(once);
});
