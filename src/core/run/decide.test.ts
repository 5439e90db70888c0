import { describe, expect, test } from "vitest";
import { agent, block, Drive, workflow } from "../../../test/support/drive.ts";
import { by, person } from "../../../test/support/people.ts";
import type { SignalState, State } from "../definition/types.ts";
import type { JsonValue } from "../json.ts";
import { LATEST } from "../time.ts";
import { contextOf } from "./context.ts";
import { decide } from "./decide.ts";
import type { Recorded } from "./events.ts";
import { begin, evolve, fold } from "./evolve.ts";
import { type BranchPath, ROOT } from "./ids.ts";
import type { Answers } from "./questions.ts";
import { type Outcome, type Run, statusOf } from "./run.ts";

const end = { end: true } as const;
const fails = { type: "agent_error", code: "BOOM", message: "boom", retryable: true };

function outputOf(run: Run) {
  if (run.lifecycle.status !== "COMPLETED") throw new Error(JSON.stringify(run.lifecycle));
  return run.lifecycle.output;
}

function foldOf(drive: Drive): Run {
  const [first, ...rest] = drive.log as [Parameters<typeof begin>[1], ...Recorded[]];
  const created = begin(drive.run.definition, first);
  const folded = fold(created, rest);
  expect(folded).toEqual(rest.reduce(evolve, created));
  return folded;
}

describe("a sequence of agents", () => {
  test("runs one after the other, and the last result is the run's output", () => {
    const drive = new Drive(workflow([agent("a", "b"), agent("b")])).settle();
    expect(drive.events()).toEqual([
      "run.created",
      "run.started",
      "state.entered a",
      "step.started a",
      "step.succeeded a",
      "state.exited a",
      "state.entered b",
      "step.started b",
      "step.succeeded b",
      "state.exited b",
      "run.completed",
    ]);
    expect(outputOf(drive.run)).toBe("b");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("a result is readable at its resultPath, at steps.<state>, and through .result", () => {
    const drive = new Drive(
      workflow([
        agent("a", "b", { resultPath: "report.first" }),
        agent("b", undefined, { task: "{{ ctx.report.first }} {{ steps.a.result }} {{ steps.a }}" }),
      ]),
    ).settle();
    expect(drive.step("b").input).toEqual({ agent: "b", task: "a a a" });
    expect(contextOf(drive.run, ROOT)).toEqual({ report: { first: "a" }, steps: { a: "a", b: "b" } });
  });

  test("a template that names nothing fails the step before the agent is called", () => {
    const drive = new Drive(workflow([agent("a", undefined, { task: "{{ ctx.nowhere.x }}" })])).settle();
    expect(drive.run.lifecycle).toMatchObject({
      status: "FAILED",
      error: { code: "EXPRESSION_NAME", state: "a" },
    });
    expect(drive.events()).not.toContain("step.started a");
  });
});

describe("a loop without an end", () => {
  const round = (extra: object) =>
    workflow([
      { type: "inject", name: "round", data: {}, transition: { next: "round" }, ...extra },
      { type: "inject", name: "out", data: {}, transition: end },
    ]);

  test("fails, also where its states are left when they fail", () => {
    const drive = new Drive(round({ continueOnError: true })).settle();
    expect(drive.run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "LOOP_LIMIT" } });
    expect(drive.run.branches[ROOT]?.visits).toEqual({ round: 1002 });
  });

  test("is left by a handler that leads out of it", () => {
    const drive = new Drive(round({ onError: { next: "out" } })).settle();
    expect(drive.run.lifecycle.status).toBe("COMPLETED");
  });
});

test.each(["constructor", "toString", "__proto__"])("a state may be called %s", (name) => {
  const drive = new Drive(workflow([agent(name, "again"), agent("again", name)]), {
    agents: (step) =>
      step.visit < 3
        ? { status: "completed", output: step.visit, simulated: false }
        : { status: "failed", error: { ...fails, retryable: false } },
  }).settle();
  const visits = Object.values(drive.run.steps).map(({ state, visit }) => [state, visit]);
  expect(visits.filter(([state]) => state === name)).toEqual([1, 2, 3].map((visit) => [name, visit]));
});

describe("retries", () => {
  const retry = { maxAttempts: 3, backoffSeconds: 10, multiplier: 2, maxBackoffSeconds: 300, jitter: false };

  test("wait longer each time and stop after the last attempt", () => {
    const attempts: number[] = [];
    const drive = new Drive(workflow([agent("a", undefined, { retry })]), {
      agents: (step) => {
        attempts.push(step.attempt);
        return { status: "failed", error: fails };
      },
    }).settle();
    expect(attempts).toEqual([1]);
    drive.pass(9_999);
    expect(attempts).toEqual([1]);
    drive.pass(1);
    expect(attempts).toEqual([1, 2]);
    drive.pass(20_000);
    expect(attempts).toEqual([1, 2, 3]);
    expect(drive.run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "BOOM", attempt: 3 } });
  });

  test("wait as long as a provider asks for, and not beyond what a calendar has", () => {
    for (const [retryAfterSeconds, dueAt] of [
      [3600, 1_700_003_600_000],
      [1e300, LATEST],
    ] as const) {
      const error = { ...fails, retryAfterSeconds };
      const agents = () => ({ status: "failed", error }) as const;
      const drive = new Drive(workflow([agent("a", undefined, { retry })]), { agents }).settle();
      expect(drive.step("a").progress).toMatchObject({ status: "PENDING", dueAt });
    }
  });

  test("do not follow an error that no attempt would mend", () => {
    const drive = new Drive(workflow([agent("a", undefined, { retry })]), {
      agents: () => ({ status: "failed", error: { ...fails, retryable: false } }),
    }).settle();
    expect(drive.run.lifecycle.status).toBe("FAILED");
    expect(drive.step("a").attempt).toBe(1);
  });
});

describe("a failed state", () => {
  test("goes where onError leads, with the error at hand", () => {
    const drive = new Drive(
      workflow([
        agent("a", "b", { onError: { next: "mend", resultPath: "problem" } }),
        agent("b"),
        agent("mend", undefined, { task: "{{ error.code }}: {{ ctx.problem.message }} {{ _errorStep }}" }),
      ]),
      {
        agents: (step) =>
          step.state === "a"
            ? { status: "failed", error: fails }
            : { status: "completed", output: 1, simulated: false },
      },
    ).settle();
    expect(drive.run.lifecycle.status).toBe("COMPLETED");
    expect(drive.step("mend").input).toMatchObject({ task: "BOOM: boom a" });
    expect(drive.step("a").progress.status).toBe("FAILED");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("is passed over with continueOnError", () => {
    const drive = new Drive(workflow([agent("a", "b", { continueOnError: true }), agent("b")]), {
      agents: (step) =>
        step.state === "a"
          ? { status: "failed", error: fails }
          : { status: "completed", output: 1, simulated: false },
    }).settle();
    expect(contextOf(drive.run, ROOT)).toMatchObject({ steps: { a: null, b: 1 } });
  });
});

describe("switch, inject and transform", () => {
  test("a switch takes the first arm that holds and records it", () => {
    const drive = new Drive(
      workflow([
        { type: "inject", name: "set", data: { level: 7 }, transition: { next: "route" } },
        {
          type: "switch",
          name: "route",
          conditions: [
            { if: "level > 9", next: "high" },
            { if: "level > 5", next: "middle" },
          ],
          defaultNext: "low",
        },
        agent("high"),
        agent("middle"),
        agent("low"),
      ]),
      { evaluate: (text, scope) => Number(scope["level"]) > Number(text.split(">")[1]) },
    ).settle();
    expect(outputOf(drive.run)).toBe("middle");
    const exit = drive.log.find(({ event }) => event.type === "state.exited" && event.state === "route");
    expect(exit?.event).toMatchObject({ condition: "level > 5", next: "middle" });
  });

  test("inject replaces what stands at its path and merges into the root without one", () => {
    const drive = new Drive(
      workflow([
        { type: "inject", name: "one", data: { a: { x: 1 } }, transition: { next: "two" } },
        { type: "inject", name: "two", data: { y: "{{ a.x }}" }, resultPath: "a", transition: end },
      ]),
      { input: { a: { z: 3 } } },
    ).settle();
    expect(contextOf(drive.run, ROOT)).toMatchObject({ a: { y: 1 } });
  });
});

describe("parallel", () => {
  const checks = (extra: object = {}) =>
    workflow([
      {
        type: "parallel",
        name: "checks",
        branches: [
          block("pods", [agent("p1", "p2"), agent("p2", undefined, { resultPath: "result" })]),
          block("db", [agent("d1")]),
        ],
        join: "all",
        onBranchFailure: "cancel",
        resultPath: "steps.checks",
        transition: { next: "report" },
        ...extra,
      },
      agent("report", undefined, { task: "{{ steps.checks.pods.result }} {{ steps.checks.db }}" }),
    ]);

  test("joins what each branch wrote, or its last result when it wrote nothing", () => {
    const drive = new Drive(checks()).settle();
    expect(drive.step("report").input).toMatchObject({ task: "p2 d1" });
    expect(contextOf(drive.run, ROOT)).toEqual({
      steps: { checks: { pods: { result: "p2" }, db: "d1" }, report: "report" },
    });
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("a failed branch gives up its siblings and fails the state", () => {
    const drive = new Drive(
      workflow([
        {
          type: "parallel",
          name: "checks",
          branches: [
            block("slow", [{ type: "timer", name: "wait", wait: { seconds: 60 }, transition: end }]),
            block("bad", [agent("bad")]),
          ],
          join: "all",
          onBranchFailure: "cancel",
          transition: end,
        },
      ]),
      { agents: () => ({ status: "failed", error: fails }) },
    ).settle();
    expect(drive.run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "BOOM", state: "bad" } });
    expect(drive.step("wait").progress.status).toBe("CANCELLED");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("join: any goes on with the first success and cancels the rest", () => {
    const drive = new Drive(
      workflow([
        {
          type: "parallel",
          name: "race",
          branches: [
            block("slow", [{ type: "signal", name: "never", signal: "x", transition: end }]),
            block("fast", [agent("fast")]),
          ],
          join: "any",
          onBranchFailure: "cancel",
          transition: end,
        },
      ]),
    ).settle();
    expect(outputOf(drive.run)).toEqual({ fast: "fast" });
    expect(drive.run.openSignals).toBe(0);
    expect(foldOf(drive)).toEqual(drive.run);
  });
});

describe("foreach", () => {
  const each = (extra: object = {}) =>
    workflow([
      {
        type: "foreach",
        name: "each",
        itemsPath: "services",
        itemName: "service",
        maxConcurrency: 2,
        iterator: block("iterator", [
          agent("visit", undefined, {
            task: "{{ service.name }} {{ _index }}/{{ _total }}",
            resultPath: "result",
          }),
        ]),
        onBranchFailure: "cancel",
        outputAggregation: "results",
        transition: end,
        ...extra,
      },
    ]);
  const services = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const echo = (step: { input: unknown }) =>
    ({ status: "completed", output: (step.input as { task: string }).task, simulated: false }) as const;

  test("visits every item and keeps their order", () => {
    const drive = new Drive(each(), { input: { services }, agents: echo }).settle();
    expect(outputOf(drive.run)).toEqual([{ result: "a 0/3" }, { result: "b 1/3" }, { result: "c 2/3" }]);
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("an empty list is done at once; something else than a list fails with its kind", () => {
    expect(outputOf(new Drive(each(), { input: { services: [] } }).settle().run)).toEqual([]);
    const { run } = new Drive(each(), { input: { services: "abc" } }).settle();
    expect(run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "ITEMS_TYPE" } });
  });

  test("a thousand items are opened in portions", () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ name: `s${index}` }));
    const drive = new Drive(each({ maxConcurrency: 500 }), {
      input: { services: many },
      agents: echo,
    }).settle();
    expect(outputOf(drive.run)).toHaveLength(1000);
  });
});

describe("try", () => {
  const attempt = (extra: object = {}) =>
    workflow([
      {
        type: "try",
        name: "deploy",
        try: block("try", [agent("ship", "check", { resultPath: "shipped" }), agent("check")]),
        catch: block("catch", [
          agent("undo", undefined, { task: "{{ error.code }} {{ shipped }} {{ steps.ship }}" }),
        ]),
        finally: block("finally", [agent("tidy")]),
        transition: end,
        ...extra,
      },
    ]);

  test("a success skips catch, runs finally, and leaves its writes behind", () => {
    const drive = new Drive(attempt()).settle();
    expect(outputOf(drive.run)).toBe("check");
    expect(contextOf(drive.run, ROOT)).toMatchObject({
      shipped: "ship",
      steps: { check: "check", tidy: "tidy" },
    });
    expect(drive.events()).not.toContain("state.entered undo");
  });

  test("a failure is caught with the error and what was done so far at hand", () => {
    const drive = new Drive(attempt(), {
      agents: (step) =>
        step.state === "check"
          ? { status: "failed", error: fails }
          : { status: "completed", output: step.state, simulated: false },
    }).settle();
    expect(drive.step("undo").input).toMatchObject({ task: "BOOM ship ship" });
    expect(outputOf(drive.run)).toBe("undo");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test.each([
    { form: 3, times: 0, how: "into no event again" },
    {
      form: 1,
      times: 1,
      how: "once more into what follows a result, where an older program may go on",
    },
  ])("what states before it answered is seen by all blocks, and written $how", ({ form, times }) => {
    const before = "x".repeat(1000);
    const drive = new Drive(
      workflow(
        [
          agent("fetch", "deploy"),
          {
            type: "try",
            name: "deploy",
            try: block("try", [agent("ship")]),
            catch: block("catch", [agent("undo", undefined, { task: "{{ steps.fetch }}" })]),
            finally: block("finally", [
              agent("tidy", undefined, { task: "{{ steps.fetch }} {{ steps.undo }}" }),
            ]),
            transition: end,
          },
        ],
        { form },
      ),
      {
        agents: ({ state }) =>
          state === "ship"
            ? { status: "failed", error: fails }
            : { status: "completed", output: state === "fetch" ? before : state, simulated: false },
      },
    ).settle();
    expect(drive.step("undo").input).toMatchObject({ task: before });
    expect(drive.step("tidy").input).toMatchObject({ task: `${before} undo` });
    const opened = drive.log.filter(({ event }) => event.type === "branch.opened");
    expect(opened).toHaveLength(3);
    expect(JSON.stringify(opened).split(before)).toHaveLength(times + 1);
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("in a loop opens branches of their own on each visit", () => {
    let calls = 0;
    const drive = new Drive(
      workflow([
        {
          type: "try",
          name: "again",
          try: block("try", [agent("flaky")]),
          catch: block("catch", [agent("note")]),
          transition: { next: "more" },
        },
        { type: "switch", name: "more", conditions: [{ if: "more", next: "again" }], defaultNext: "done" },
        agent("done"),
      ]),
      {
        agents: (step) =>
          step.state === "flaky" && ++calls < 3
            ? { status: "failed", error: fails }
            : { status: "completed", output: step.state, simulated: false },
        evaluate: () => calls < 3,
      },
    ).settle();
    expect(drive.run.lifecycle.status).toBe("COMPLETED");
    const flaky = Object.values(drive.run.steps).filter(({ state }) => state === "flaky");
    expect(flaky.map(({ branch }) => branch)).toEqual(["again/try", "again#2/try", "again#3/try"]);
    expect(new Set(flaky.map(({ id }) => id)).size).toBe(3);
  });
});

describe("an approval", () => {
  const gate = (extra: object = {}) =>
    workflow([
      {
        type: "operation",
        action: "human.approval",
        name: "gate",
        message: "Restart {{ ctx.service }}?",
        approvers: [],
        quorum: 1,
        excludeStarter: false,
        onReject: "fail",
        onTimeout: "fail",
        escalate: [],
        timeoutSeconds: 60,
        transition: { next: "go" },
        ...extra,
      },
      agent("go", undefined, { task: "{{ steps.gate.decidedBy }}" }),
    ]);
  const input = { service: "checkout" };
  const decision = (drive: Drive, choice: "approve" | "reject", actor = "user:bob") => {
    const [approval] = Object.values(drive.run.approvals);
    if (!approval) throw new Error("no approval");
    const approvalId = approval.id;
    const command = {
      type: "decide-approval",
      approvalId,
      decision: choice,
      comment: choice === "reject" ? "no" : null,
      digest: null,
      principal: person(actor),
    } as const;
    return drive.send(command, actor);
  };

  test("waits, then goes on with who decided in the context", () => {
    const drive = new Drive(gate(), { input }).settle();
    expect(statusOf(drive.run)).toBe("WAITING_APPROVAL");
    expect(Object.values(drive.run.approvals)[0]).toMatchObject({ message: "Restart checkout?" });
    expect(decision(drive, "approve")).toBe("done");
    drive.settle();
    expect(drive.step("go").input).toMatchObject({ task: "user:bob" });
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("a second decision learns that it came too late", () => {
    const drive = new Drive(gate(), { input }).settle();
    decision(drive, "approve");
    expect(decision(drive, "reject", "user:eve")).toBe("already-decided");
  });

  test("a rejection fails the run, cancels it, or leads elsewhere, as the author said", () => {
    for (const [onReject, status] of [
      ["fail", "FAILED"],
      ["cancel", "CANCELLED"],
      [{ next: "go" }, "COMPLETED"],
    ] as const) {
      const drive = new Drive(gate({ onReject }), { input }).settle();
      decision(drive, "reject");
      drive.settle();
      expect(drive.run.lifecycle.status).toBe(status);
      expect(drive.step("gate").progress.status).toBe("FAILED");
      expect(foldOf(drive)).toEqual(drive.run);
    }
  });

  test("nobody deciding in time times the step out", () => {
    const drive = new Drive(gate(), { input }).settle().pass(60_000);
    expect(drive.step("gate").progress.status).toBe("TIMED_OUT");
    expect(drive.run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "APPROVAL_TIMEOUT" } });
    expect(decision(drive, "approve")).toBe("expired");
  });

  test("nobody deciding in time is no approval, wherever the author lets it lead", () => {
    for (const [onTimeout, onReject, status, progress] of [
      ["reject", "fail", "FAILED", "FAILED"],
      ["reject", "cancel", "CANCELLED", "FAILED"],
      ["reject", { next: "go" }, "COMPLETED", "FAILED"],
      [{ next: "go" }, "fail", "COMPLETED", "TIMED_OUT"],
    ] as const) {
      const drive = new Drive(gate({ onTimeout, onReject }), { input }).settle().pass(60_000);
      expect(drive.run.lifecycle.status).toBe(status);
      expect(drive.step("gate").progress.status).toBe(progress);
      expect(decision(drive, "approve")).toBe("expired");
      expect(drive.events().filter((event) => event.startsWith("approval."))).toEqual([
        "approval.requested gate",
        "approval.expired gate",
      ]);
      expect(foldOf(drive)).toEqual(drive.run);
    }
  });

  test("a quorum of two needs two different people", () => {
    const drive = new Drive(gate({ quorum: 2 }), { input }).settle();
    expect(decision(drive, "approve", "user:a")).toBe("done");
    expect(decision(drive, "approve", "user:a")).toBe("already-decided");
    expect(statusOf(drive.run)).toBe("WAITING_APPROVAL");
    decision(drive, "approve", "user:b");
    expect(drive.settle().run.lifecycle.status).toBe("COMPLETED");
  });
});

describe("an output schema", () => {
  const outputSchema = {
    type: "object",
    properties: { n: { type: "integer", default: 1 } },
    required: ["by"],
  };
  const answers = (output: JsonValue) => () => ({ status: "completed", output, simulated: false }) as const;
  const ended = (definition: object, output: JsonValue, evaluated: JsonValue = null) => {
    const only = workflow([agent("only")], { outputSchema, ...definition });
    const drive = new Drive(only, { agents: answers(output), evaluate: () => evaluated }).settle();
    expect(foldOf(drive)).toEqual(drive.run);
    return drive.log.at(-1)?.event;
  };

  test("warns of an output that breaks it, and lets the run end as it would", () => {
    expect(ended({}, { n: 2 })).toEqual({
      type: "run.completed",
      output: { n: 2 },
      warnings: [
        {
          code: "SCHEMA_VALIDATION_OUTPUT",
          errors: [{ pointer: "/by", message: '"by" is missing', keyword: "required" }],
        },
      ],
    });
    expect(ended({ output: "steps.only.n" }, { n: 2 })).toMatchObject({
      output: 2,
      warnings: [{ errors: [{ pointer: "", keyword: "type" }] }],
    });
    expect(ended({ output: "1 + 1" }, {}, { by: "ci", n: "x" })).toMatchObject({
      output: { by: "ci", n: "x" },
      warnings: [{ errors: [{ pointer: "/n" }] }],
    });
  });

  test("says nothing of one that fits, and adds no defaults to it", () => {
    expect(ended({}, { by: "ci" })).toEqual({ type: "run.completed", output: { by: "ci" } });
  });
});

describe("signals and timers", () => {
  const waits = (extra: object = {}) =>
    workflow([
      { type: "timer", name: "pause", wait: { seconds: 30 }, transition: { next: "wait" } },
      { type: "signal", name: "wait", signal: "go", transition: end, ...extra },
    ]);

  test("a signal that came early is kept until somebody waits for it", () => {
    const drive = new Drive(waits()).settle();
    drive.send({ type: "signal", signalId: "s1", name: "go", payload: { by: "ci" } });
    drive.settle();
    expect(drive.run.lifecycle.status).toBe("RUNNING");
    drive.pass(30_000);
    expect(outputOf(drive.run)).toEqual({ by: "ci" });
    expect(drive.run.mailbox).toEqual([]);
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test.each([
    ["for another after it", {}, { type: "signal", signalId: "s1", name: "go", payload: 1 }],
    ["for another when the first took too long", { onError: { next: "then" }, timeoutSeconds: 5 }, null],
  ] as const)("a run that waits %s relies on what it found in the mailbox", (_, extra, signal) => {
    const wait = (name: string, transition: SignalState["transition"], more = {}): State =>
      ({ type: "signal", name, signal: name, transition, ...more }) as State;
    const drive = new Drive(workflow([wait("go", { next: "then" }, extra), wait("then", end)])).settle();
    if (signal) drive.send(signal);
    drive.pass(5000);
    expect(drive.run.branches[ROOT]?.position).toMatchObject({ state: "then" });
    // What comes in the meantime finds nobody to wake.
    expect(drive.kept?.expected.mailboxVersion).toBe(signal ? 1 : 0);
  });

  test("a decision that consumes several relies on each: another branch may have waited for the same", () => {
    const wait = (name: string, next?: string): State => ({
      type: "signal",
      name,
      signal: name,
      transition: next === undefined ? end : { next },
    });
    const drive = new Drive(workflow([wait("x", "y"), wait("y")]));
    for (const name of ["x", "y"])
      drive.send({ type: "signal", signalId: `sig_${name}`, name, payload: null });
    drive.settle();
    expect(drive.kept?.expected.signalsPending).toEqual(["sig_x", "sig_y"]);
  });

  test("a run that waits for a signal says so, and times out when told to", () => {
    const drive = new Drive(waits({ timeoutSeconds: 5 })).settle().pass(30_000);
    expect(statusOf(drive.run)).toBe("WAITING_SIGNAL");
    drive.pass(5_000);
    expect(drive.run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "SIGNAL_TIMEOUT" } });
    expect(drive.run.openSignals).toBe(0);
  });
});

describe("control", () => {
  test("a pause starts nothing new and a resume goes on", () => {
    const drive = new Drive(workflow([agent("a", "b"), agent("b")]), {
      agents: (step) => {
        if (step.state === "a") drive.send({ type: "pause", reason: "lunch" });
        return { status: "completed", output: step.state, simulated: false };
      },
    });
    drive.settle();
    expect(drive.run.lifecycle).toEqual({ status: "PAUSED", reason: "lunch" });
    expect(drive.step("a").progress.status).toBe("SUCCEEDED");
    expect(drive.events()).not.toContain("state.entered b");
    drive.send({ type: "resume" });
    expect(drive.settle().run.lifecycle.status).toBe("COMPLETED");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("a terminal run emits nothing, whatever it is told", () => {
    const drive = new Drive(workflow([agent("a")])).settle();
    const before = drive.log.length;
    expect(drive.send({ type: "pause", reason: null })).toBe("invalid-transition");
    expect(drive.send({ type: "resume" })).toBe("invalid-transition");
    expect(drive.send({ type: "cancel", reason: null })).toBe("invalid-transition");
    expect(drive.send({ type: "signal", signalId: "s", name: "x", payload: null })).toBe(
      "invalid-transition",
    );
    drive.send({ type: "advance", branch: ROOT, starter: { worker: "w2" }, isOrphaned: true });
    expect(drive.log.length).toBe(before);
  });

  test("a run that takes too long as a whole is over, with everything in it", () => {
    const drive = new Drive(
      workflow([{ type: "signal", name: "wait", signal: "go", transition: end }], { timeoutSeconds: 10 }),
    ).settle();
    drive.pass(10_000);
    expect(drive.run.lifecycle).toMatchObject({ status: "TIMED_OUT", error: { code: "RUN_TIMEOUT" } });
    expect(drive.step("wait").progress.status).toBe("CANCELLED");
    expect(foldOf(drive)).toEqual(drive.run);
  });

  test("a late answer to an earlier attempt changes nothing", () => {
    const drive = new Drive(workflow([agent("a")]), {
      agents: (step) => {
        const lease = { worker: "w1", token: 1 };
        drive.send(
          { type: "advance", branch: ROOT, starter: { worker: "w2" }, isOrphaned: true },
          "worker:w2",
        );
        const result = { status: "completed", output: "late", simulated: false } as const;
        drive.send({
          type: "complete-step",
          branch: ROOT,
          stepId: step.id,
          attempt: 1,
          lease,
          result,
          starter: null,
        });
        return { status: "completed", output: "second", simulated: false };
      },
    });
    drive.settle();
    expect(drive.events().filter((event) => event === "step.succeeded a")).toHaveLength(0);
    expect(drive.events()).toContain("step.result_discarded a");
  });

  test("an answer that comes again leaves alone what is to wake the branch by now", () => {
    const drive = new Drive(
      workflow([
        agent("a", "both"),
        { type: "try", name: "both", try: block("try", [agent("b")]), transition: end },
      ]),
    );
    const advance = { type: "advance", starter: { worker: "w1" }, isOrphaned: false } as const;
    drive.send({ ...advance, branch: ROOT }, "worker:w1");
    const stepId = drive.step("a").id;
    const result = { status: "completed", output: "a", simulated: false } as const;
    const answer = {
      type: "complete-step",
      ...{ branch: ROOT, stepId, attempt: 1, lease: { worker: "w1", token: 1 }, result, starter: null },
    } as const;
    drive.send(answer, "worker:w1");
    expect(drive.kept?.events.length).toBeGreaterThan(0);
    drive.send(answer, "worker:w1");
    expect(drive.kept).toBeNull();
  });
});

test("a block that was given up after its try was loaded fails the decision that comes too late, and no more", () => {
  const state: State = {
    type: "try",
    name: "t",
    try: block("try", [agent("a")]),
    catch: block("catch", [agent("b")]),
    transition: end,
  };
  const drive = new Drive(workflow([state]));
  const advance = { type: "advance", starter: { worker: "w1" }, isOrphaned: false } as const;
  drive.send({ ...advance, branch: ROOT }, "worker:w1");
  const tried = "t/try" as BranchPath;
  drive.send({ ...advance, branch: tried }, "worker:w1");
  drive.send(
    {
      ...{ type: "complete-step", branch: tried, stepId: drive.step("a").id, attempt: 1, starter: null },
      lease: { worker: "w1", token: 1 },
      result: { status: "failed", error: { ...fails, retryable: false } },
    },
    "worker:w1",
  );
  const late = (answers: Answers) =>
    decide(
      drive.run,
      { ...advance, branch: ROOT },
      { now: drive.now, random: 0, answers },
      by("worker:w2", "worker"),
      { alarm: 7 },
    );
  const asked = late(new Map());
  if (asked.kind !== "ask") throw new Error(asked.kind);
  const outcomes = new Map<string, Outcome>([
    ["try", { status: "FAILED", error: { ...fails, type: "agent_error" }, writes: {} }],
    ["catch", { status: "CANCELLED" }],
  ]);
  const decided = late(new Map([[asked.question.key, { ask: "children", outcomes }]]));
  expect(decided).toMatchObject({ kind: "decided", run: { lifecycle: { status: "FAILED" } } });
});

describe("a step whose worker died", () => {
  const running = () => {
    const drive = new Drive(workflow([agent("a")]));
    drive.send({ type: "advance", branch: ROOT, starter: { worker: "w1" }, isOrphaned: false }, "worker:w1");
    return drive;
  };
  const look = (drive: Drive, starter: { worker: string } | null) =>
    decide(
      drive.run,
      { type: "advance", branch: ROOT, starter, isOrphaned: true },
      { now: drive.now, random: 0, answers: new Map() },
      by("worker:w2", "worker"),
      { alarm: 7 },
    );

  test("is taken over under a higher token, as the same attempt", () => {
    const decided = look(running(), { worker: "w2" });
    if (decided.kind !== "decided") throw new Error(decided.kind);
    expect(decided.transition?.events.map(({ event }) => event)).toMatchObject([
      { type: "step.reclaimed", attempt: 1, lease: { worker: "w2", token: 2 } },
    ]);
  });

  test("is given up once so many died over it, and people's answers are no deaths", () => {
    const die = (drive: Drive) =>
      drive.send({ type: "advance", branch: ROOT, starter: { worker: "w2" }, isOrphaned: true }, "worker:w2");
    const answered = running();
    for (let asked = 0; asked < 30; asked++) {
      const { id: stepId, attempt, branch, progress } = answered.step("a");
      if (!("lease" in progress)) throw new Error(progress.status);
      const question = {
        id: `q${asked}`,
        kind: "tool",
        title: "t",
        message: "m",
        evidence: {},
        approvers: [],
        timeoutSeconds: 60,
      } as const;
      answered.send({
        type: "complete-step",
        branch,
        stepId,
        attempt,
        lease: progress.lease,
        result: { status: "waiting", question },
        starter: null,
      });
      answered.now += 60_000;
      answered.send({ type: "advance", branch, starter: { worker: "w1" }, isOrphaned: false });
    }
    die(answered);
    expect(answered.step("a").progress).toMatchObject({ status: "RUNNING", lease: { worker: "w2" } });
    for (const drive of [running(), answered]) {
      for (let deaths = 0; deaths < 30; deaths++) die(drive);
      expect(drive.run.lifecycle).toMatchObject({
        error: { code: "WORKER_LOST", message: '25 workers died while running "a"; the step is given up' },
      });
    }
  });

  test("keeps its alarm when nobody may take it over now", () => {
    const drive = running();
    const decided = look(drive, null);
    if (decided.kind !== "decided") throw new Error(decided.kind);
    expect(decided.transition?.events).toEqual([]);
    expect(decided.transition?.alarms).toEqual([
      { change: "set", target: ROOT, dueAt: drive.now, kind: "step", seen: 7 },
    ]);
  });
});

describe("a run that ends while people decide", () => {
  test("counts what it gives up in the store, and overwrites no approval it did not decide", () => {
    const gate: State = {
      type: "operation",
      action: "human.approval",
      name: "gate",
      message: "go?",
      approvers: [],
      quorum: 1,
      excludeStarter: false,
      onReject: "fail",
      onTimeout: "fail",
      escalate: [],
      transition: end,
    };
    const drive = new Drive(workflow([gate], { timeoutSeconds: 10 })).settle();
    const world = { now: drive.now + 10_000, random: 0, answers: new Map() };
    const decided = decide(drive.run, { type: "expire" }, world, by("system", "worker"), { alarm: 1 });
    if (decided.kind !== "decided") throw new Error(decided.kind);
    expect(decided.transition).toMatchObject({
      closed: "cancelled",
      waiting: { approvals: 0, signals: 0 },
      approvals: [],
    });
  });
});
