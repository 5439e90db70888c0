import { describe, expect, test } from "vitest";
import { agent, block, Drive, workflow } from "../../../test/support/drive.ts";
import { by, person } from "../../../test/support/people.ts";
import type { Definition, State } from "../definition/types.ts";
import { contextOf } from "./context.ts";
import type { Recorded } from "./events.ts";
import { begin, fold } from "./evolve.ts";
import { ROOT, type RunId } from "./ids.ts";
import { rerun } from "./rerun.ts";
import type { Run } from "./run.ts";
import { stepId } from "./step-id.ts";
import { type GateBelow, type Source, takenOver } from "./taken-over.ts";

const boom = { type: "agent_error", code: "BOOM", message: "boom", retryable: false };
const AGAIN = "run_2" as RunId;

const gate: State = {
  type: "operation",
  action: "human.approval",
  name: "gate",
  message: "Go?",
  approvers: [],
  quorum: 1,
  excludeStarter: false,
  onReject: "fail",
  onTimeout: "fail",
  escalate: [],
  transition: { next: "c" },
};

/** A run in which the agents of `failing` fail. */
function played(definition: Definition, failing: readonly string[] = [], input = {}): Drive {
  return new Drive(definition, {
    input,
    agents: ({ state }) =>
      failing.includes(state)
        ? { status: "failed", error: boom }
        : { status: "completed", output: `${state} was done`, simulated: false },
  }).settle();
}

function again(
  drive: Drive,
  from: string | null,
  definition = drive.run.definition,
  gates: readonly GateBelow[] = [],
  changed: Source["changed"] = null,
) {
  const steps = Object.values(drive.run.steps)
    .filter(({ branch }) => branch === ROOT)
    .sort((a, b) => (a.exit?.order ?? 1e9) - (b.exit?.order ?? 1e9));
  const { workflow: of, input, labels } = drive.run;
  const wanted = { runId: AGAIN, workflow: of, definition, input, labels };
  return rerun(
    wanted,
    { runId: drive.run.id, steps, gates, changed },
    from,
    drive.now + 1000,
    by("user:ben"),
  );
}

function begun(drive: Drive, from: string | null, definition?: Definition): Run {
  const result = again(drive, from, definition);
  if (!result.ok) throw new Error(result.refusal.message);
  const [first, ...rest] = result.transition.events as [Parameters<typeof begin>[1], ...Recorded[]];
  expect(fold(begin(result.run.definition, first), rest)).toEqual(result.run);
  return result.run;
}

function refusal(drive: Drive, from: string, definition?: Definition): string {
  const result = again(drive, from, definition);
  return result.ok ? "" : result.refusal.message;
}

const three = workflow([
  agent("a", "b", { resultPath: "out.a" }),
  agent("b", "c", { task: "{{ ctx.out.a }}" }),
  agent("c"),
]);

describe("a run that is run again", () => {
  test("from the start takes nothing over, and says what it repeats", () => {
    const run = begun(played(three, ["b"]), null);
    expect(run).toMatchObject({
      lifecycle: { status: "PENDING" },
      startedBy: "user:ben",
      rerunOf: { runId: "run_1", from: null },
      steps: {},
    });
  });

  test("from a state has what came before it, and where from", () => {
    const drive = played(three, ["b"]);
    expect(drive.run.lifecycle.status).toBe("FAILED");
    const run = begun(drive, "b");
    expect(run.lifecycle.status).toBe("RUNNING");
    expect(run.branches[ROOT]?.position).toEqual({ at: "before", state: "b" });
    expect(contextOf(run, ROOT)).toEqual({ out: { a: "a was done" }, steps: { a: "a was done" } });
    const taken = Object.values(run.steps);
    expect(taken).toMatchObject([
      { state: "a", reusedFrom: drive.step("a").id, progress: { status: "SUCCEEDED" }, attempt: 0 },
    ]);
    expect(taken[0]?.id).toBe(stepId(AGAIN, ROOT, "a", 1));
  });

  test("goes on from there to its end, and calls no agent of before", () => {
    const earlier = played(three, ["b"]);
    const result = again(earlier, "b");
    if (!result.ok) throw new Error(result.refusal.message);
    const called: string[] = [];
    const drive = new Drive(three, {
      begun: result,
      agents: ({ state, input }) => {
        called.push(state);
        return { status: "completed", output: input ?? null, simulated: false };
      },
    });
    drive.settle();
    expect(called).toEqual(["b", "c"]);
    expect(drive.run.lifecycle.status).toBe("COMPLETED");
    expect(drive.step("b").input).toEqual({ agent: "b", task: "a was done" });
  });

  test("keeps what a handled error left behind", () => {
    const tolerant = workflow([
      agent("a", "b", { onError: { next: "b", resultPath: "problem" } }),
      agent("b", undefined, { task: "{{ error.code }} {{ ctx.problem.message }}" }),
    ]);
    const result = again(played(tolerant, ["a", "b"]), "b");
    if (!result.ok) throw new Error(result.refusal.message);
    const drive = new Drive(tolerant, { begun: result }).settle();
    expect(drive.step("b").input).toMatchObject({ task: "BOOM boom" });
  });

  test("begins at a loop's last round", () => {
    let rounds = 0;
    const loop = workflow([
      agent("work", "check"),
      {
        type: "switch",
        name: "check",
        conditions: [{ if: "more", next: "work" }],
        defaultNext: "last",
      },
      agent("last"),
    ]);
    const drive = new Drive(loop, { evaluate: () => ++rounds < 3 }).settle();
    const run = begun(drive, "check");
    expect(run.branches[ROOT]).toMatchObject({ visits: { work: 3, check: 2 }, position: { state: "check" } });
    expect(Object.keys(run.steps)).toHaveLength(5);
  });

  test("takes the outcome of branches over as a whole", () => {
    const fan = workflow([
      {
        type: "parallel",
        name: "both",
        branches: [block("x", [agent("ax")]), block("y", [agent("ay")])],
        join: "all",
        onBranchFailure: "cancel",
        transition: { next: "c" },
      },
      agent("c"),
    ]);
    const run = begun(played(fan, ["c"]), "c");
    expect(Object.values(run.steps)).toHaveLength(1);
    expect(contextOf(run, ROOT)["steps"]).toEqual({ both: { x: "ax was done", y: "ay was done" } });
    expect(refusal(played(fan), "ax")).toContain('"ax" is inside "both"');
  });

  test("may be of another version, where the state is", () => {
    const other = workflow([agent("b", "z"), agent("z")]);
    expect(begun(played(three, ["b"]), "b", other).branches[ROOT]?.position).toMatchObject({ state: "b" });
    expect(refusal(played(three, ["b"]), "b", workflow([agent("bb")]))).toContain("did you mean");
  });

  test("cannot begin where the run never was", () => {
    expect(refusal(played(three, ["b"]), "c")).toBe('run run_1 never came to "c"; it came to a, b');
  });

  test("has its own time", () => {
    const timed = { ...three, timeoutSeconds: 60 };
    const result = again(played(timed, ["b"]), "b");
    if (!result.ok) throw new Error("refused");
    expect(result.transition.alarms).toEqual([
      { change: "wake", target: ROOT, kind: "run", dueAt: result.run.createdAt },
      { change: "wake", target: "!run", kind: "resume", dueAt: result.run.createdAt + 60_000 },
    ]);
  });
});

describe("an approval", () => {
  test("that may have been given in an archived run counts for no other either", () => {
    const drive = played(three, ["c"]);
    const called = { id: stepId(drive.run.id, ROOT, "a", 1), branch: ROOT, archived: "run_9" as RunId };
    expect(again(drive, "b", three, [called])).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining("only the archived run run_9 can tell") },
    });
    expect(again(drive, "a", three, [called])).toMatchObject({ ok: true });
    expect(again(drive, "b", three, [called, { ...called, archived: null }])).toMatchObject({
      refusal: { message: expect.stringContaining('the approval in "a"') },
    });
  });

  const decided = (definition: Definition) => {
    const drive = played(definition, ["c"]);
    const [approval] = Object.values(drive.run.approvals);
    if (!approval) throw new Error("no approval");
    const said = { approvalId: approval.id, decision: "approve", comment: null, digest: null } as const;
    drive.send({ type: "decide-approval", principal: person("ben"), ...said });
    return drive.settle();
  };

  test("counts for its own run: behind it nobody can begin", () => {
    const gated = decided(workflow([agent("a", "gate"), gate, agent("c")]));
    expect(gated.run.lifecycle.status).toBe("FAILED");
    expect(refusal(gated, "c")).toContain('begin at "gate" or before');
    expect(begun(gated, "gate").branches[ROOT]?.position).toMatchObject({ state: "gate" });
  });

  test("counts for its own run also from within a branch", () => {
    const nested = decided(
      workflow([
        {
          type: "try",
          name: "careful",
          try: block("try", [{ ...gate, transition: { end: true } }]),
          transition: { next: "c" },
        },
        agent("c"),
      ]),
    );
    expect(refusal(nested, "c")).toContain('the approval in "careful"');
  });

  describe("that this run only happened not to come to", () => {
    const decides = workflow([
      agent("a", "which"),
      { type: "switch", name: "which", conditions: [{ if: "prod", next: "gate" }], defaultNext: "c" },
      gate,
      agent("c"),
    ]);
    const drive = new Drive(decides, { evaluate: () => false }).settle();

    test("cannot be begun behind with an input that might come to it", () => {
      expect(drive.run.lifecycle.status).toBe("COMPLETED");
      expect(again(drive, "c")).toMatchObject({ ok: true });
      expect(again(drive, "c", decides, [], "input")).toMatchObject({
        refusal: {
          message:
            'with another input "c" may come after an approval in "gate" that run run_1 did not need: begin no later than "gate"',
        },
      });
      expect(again(drive, "which", decides, [], "input")).toMatchObject({ ok: true });
    });

    test("cannot be begun behind in a version that has it", () => {
      const gated = workflow([agent("a", "b"), agent("b", "gate"), gate, agent("c")]);
      const before = played(three, ["c"]);
      expect(again(before, "c", gated, [], "version")).toMatchObject({
        refusal: { message: expect.stringContaining('with another version "c" may come after') },
      });
      expect(again(before, "b", gated, [], "version")).toMatchObject({ ok: true });
    });

    test("hinders nothing when it comes later", () => {
      const later = workflow([agent("a", "c"), agent("c", "gate"), { ...gate, transition: { next: "c" } }]);
      const before = played(workflow([agent("a", "c"), agent("c")]), ["c"]);
      expect(again(before, "c", later, [], "version")).toMatchObject({ ok: true });
    });

    test("may be in another workflow that is called with another input", () => {
      const calls = (also: readonly State[]) =>
        workflow([
          {
            type: "operation",
            action: "workflow.run",
            name: "call",
            workflow: "other",
            transition: { next: "c" },
          },
          ...also,
          agent("c"),
        ]);
      const call = { ...played(three, ["b"]).step("a"), state: "call", action: "workflow.run" } as const;
      const c = { ...call, state: "c", exit: null };
      const over = (changed: Source["changed"], definition = calls([])) =>
        takenOver(definition, { runId: "run_1" as RunId, steps: [call, c], changed: changed ?? null }, "c");
      expect(over("input")).toMatchObject({ message: expect.stringContaining('an approval in "call"') });
      expect(over("version").ok).toBe(true);
      expect(over(null).ok).toBe(true);
    });
  });
});
