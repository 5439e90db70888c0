import { callsIn } from "../../core/definition/calls.ts";
import { allStates } from "../../core/definition/graph.ts";
import { pointerTo } from "../../core/definition/pointer.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import { templatesIn } from "../../core/definition/template.ts";
import type { Definition } from "../../core/definition/types.ts";
import { type Mismatch, mismatches, type Outturn } from "../../core/rehearsal/compare.ts";
import type { WorkflowTest } from "../../core/rehearsal/test-file.ts";
import { contextOf, scopeOf, stateResultsOf, viewOf } from "../../core/run/context.ts";
import { ROOT } from "../../core/run/ids.ts";
import { type Run, statusOf } from "../../core/run/run.ts";
import type { Expressions } from "../ports/expressions.ts";
import { type RehearsalPorts, type Rehearsed, rehearse } from "./rehearse.ts";

export type TestResult = {
  readonly name: string;
  readonly passed: boolean;
  /** Pointers lead into the test file. */
  readonly mismatches: readonly Mismatch[];
  /** What it came to; `null` when the run was never begun. */
  readonly outturn: Outturn | null;
  /** Real milliseconds. */
  readonly durationMs: number;
};

/** Rehearses one test and compares what came of it with what it expects. */
export async function runTest(
  ports: RehearsalPorts & { readonly now: () => number },
  { definition, environment }: { readonly definition: Definition; readonly environment: string },
  test: WorkflowTest,
): Promise<TestResult> {
  const startedAt = ports.now();
  const { name, scenario, pointer } = test;
  const done = (found: readonly Mismatch[], outturn: Outturn | null): TestResult => ({
    name,
    passed: found.length === 0,
    mismatches: found.map((one) => ({ ...one, pointer: `${pointer}${one.pointer}` })),
    outturn,
    durationMs: Math.round((ports.now() - startedAt) * 10) / 10,
  });
  const unknown = unknownNames(test, definition);
  if (unknown.length > 0) return done(unknown, null);
  const result = await rehearse(ports, { definition, environment, version: 0, scenario });
  if (result.status === "invalid-input")
    return done(
      result.errors.map(({ pointer: at, message, hint }) => ({
        pointer: `/input${at}`,
        message: `the workflow refuses this input: ${message}`,
        ...(hint && { hint }),
      })),
      null,
    );
  const { rehearsed } = result;
  const outturn = outturnOf(rehearsed);
  const found = [
    ...brokenOff(rehearsed),
    ...misfits(rehearsed, pointer),
    ...mismatches(test.expected, outturn).map(below("/expect")),
    ...(await untrue(ports.expressions, test.expected.that ?? [], rehearsed.run)),
  ];
  return done(found, outturn);
}

/** What came of a rehearsal, as far as tests and people want to know. */
export function outturnOf({ run, events, calls, tookMs }: Rehearsed): Outturn {
  const paths: Record<string, string[]> = { [ROOT]: [] };
  for (const { event } of events) {
    if (event.type === "branch.opened") paths[event.branch] = [];
    if (event.type === "state.entered") paths[event.branch]?.push(event.state);
  }
  const { lifecycle } = run;
  return {
    status: statusOf(run),
    paths,
    calls: calls.map(({ state, agent, branch, attempt, task, variables, input }) => ({
      state,
      agent,
      branch,
      attempt,
      task,
      variables,
      input,
    })),
    context: contextOf(run, ROOT),
    output: lifecycle.status === "COMPLETED" ? lifecycle.output : undefined,
    error: "error" in lifecycle ? { ...lifecycle.error } : null,
    tookMs,
  };
}

/** Answers for states and agents that the workflow does not have would silently never be given. */
function unknownNames({ scenario }: WorkflowTest, definition: Definition): readonly Mismatch[] {
  const states = allStates(definition).map(({ state }) => state);
  const agents = states.flatMap((state) => ("agent" in state ? [state.agent] : []));
  const isOpen = agents.some((agent) => templatesIn(agent).length > 0);
  const callable = states.flatMap((state) => ("agent" in state ? [state.name, state.agent] : []));
  const decidable = states.flatMap((state) =>
    "action" in state && state.action === "human.approval" ? [state.name] : [],
  );
  const called = callsIn(definition).map(({ state }) => state);
  const isCallOpen = called.some(({ workflow }) => templatesIn(workflow).length > 0);
  return [
    ...(isCallOpen
      ? []
      : strangers(
          "workflows",
          Object.keys(scenario.workflows),
          called.flatMap(({ name, workflow }) => [name, workflow]),
          "workflow that it runs, or state that runs one,",
        )),
    ...(isOpen
      ? []
      : strangers("agents", Object.keys(scenario.agents), callable, "agent or state with an agent")),
    ...strangers("approvals", Object.keys(scenario.approvals), decidable, "approval"),
  ];
}

function strangers(
  key: string,
  names: readonly string[],
  known: readonly string[],
  what: string,
): readonly Mismatch[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const hint = didYouMean(name, known) ?? `there are ${[...new Set(known)].join(", ") || "none"}`;
      return { pointer: pointerTo("", key, name), message: `the workflow has no ${what} "${name}"`, hint };
    });
}

function brokenOff({ brokenOff: why }: Rehearsed): readonly Mismatch[] {
  return why === null ? [] : [{ pointer: "/name", message: `the run was broken off; ${why}` }];
}

/** A test whose agents answer what the real ones never could proves nothing. */
function misfits({ calls }: Rehearsed, testPointer: string): readonly Mismatch[] {
  const seen = new Set<string>();
  return calls.flatMap(({ agent, pointer, misfits: errors }) =>
    errors.flatMap(({ pointer: at, message, hint = "say `unchecked: true` if that is meant" }) => {
      const place = `${(pointer ?? testPointer).slice(testPointer.length)}/output${at}`;
      if (seen.has(place)) return [];
      seen.add(place);
      return [{ pointer: place, message: `agent "${agent}" could not answer this: ${message}`, hint }];
    }),
  );
}

function below(prefix: string) {
  return (mismatch: Mismatch): Mismatch => ({ ...mismatch, pointer: `${prefix}${mismatch.pointer}` });
}

/** The expressions of `that` over the final context that are not true. */
async function untrue(
  expressions: Expressions,
  texts: readonly string[],
  run: Run,
): Promise<readonly Mismatch[]> {
  if (texts.length === 0) return [];
  const programs = texts.map((text) => ({ mode: "expression", text }) as const);
  const scope = scopeOf(viewOf(run, ROOT, run.createdAt), stateResultsOf(run.definition));
  const evaluations = await expressions.evaluate(programs, scope);
  return texts.flatMap((text, index): readonly Mismatch[] => {
    const result = evaluations[index];
    const pointer = texts.length === 1 ? "/expect/that" : pointerTo("/expect/that", index);
    if (!result?.ok)
      return [{ pointer, message: `${text}: ${result?.error.message ?? "was not evaluated"}` }];
    return result.truth ? [] : [{ pointer, message: `${text} is ${JSON.stringify(result.value)}` }];
  });
}
