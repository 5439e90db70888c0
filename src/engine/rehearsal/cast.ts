import type { JsonObject } from "../../core/json.ts";
import type { Line, Scenario } from "../../core/rehearsal/scenario.ts";
import { shortfalls } from "../../core/rehearsal/subset.ts";
import { timeoutError } from "../../core/run/errors.ts";
import type { BranchPath, RunId } from "../../core/run/ids.ts";
import type { CallStanding, RunCall } from "../../core/run/questions.ts";
import type { Run, Step } from "../../core/run/run.ts";
import type { AttemptResult } from "../../core/run/states/agent.ts";
import { requestOf } from "../execute-step.ts";
import type { Understudy } from "../ports/rehearsal.ts";
import type { SchemaError } from "../ports/schemas.ts";

/** One attempt of an agent's step, or one run that was called in its place, as it was rehearsed. */
export type Call = {
  readonly state: string;
  readonly branch: BranchPath;
  /** The agent, or the workflow that was called. */
  readonly agent: string;
  readonly attempt: number;
  readonly task: string | null;
  readonly variables: JsonObject;
  /** Everything the agent was given; `null` when it was not called. */
  readonly input: JsonObject | null;
  readonly result: AttemptResult;
  /** `given` in the scenario, or made up from the agent's output schema. */
  readonly source: "given" | "made-up" | "refused";
  /** Virtual milliseconds since 1970. */
  readonly at: number;
  readonly pointer: string | null;
  readonly misfits: readonly SchemaError[];
};

/** When and how a called run ends. */
export type Ending = {
  readonly runId: RunId;
  readonly branch: BranchPath;
  readonly dueAt: number;
  readonly standing: CallStanding;
};

/** The agents of a rehearsal: who says what, and how often it was said. */
export class Cast {
  readonly calls: Call[] = [];
  readonly #understudy: Understudy;
  readonly #scenario: Scenario;
  readonly #used = new Set<Line>();

  constructor(understudy: Understudy, scenario: Scenario) {
    this.#understudy = understudy;
    this.#scenario = scenario;
  }

  async perform(run: Run, step: Step, now: number): Promise<{ result: AttemptResult; takesMs: number }> {
    const request = requestOf(run, step);
    const { agent, task, variables, attempt } = request;
    const performance = await this.#understudy.perform(request, (input) =>
      this.#lineFor(step, agent, input, this.#scenario.agents),
    );
    const { line } = performance;
    const limit = step.deadline === null ? Number.POSITIVE_INFINITY : step.deadline - now;
    const isLate = line !== null && line.takesMs >= limit;
    const result = isLate ? timedOut(step, limit) : performance.result;
    const { input, misfits } = performance;
    const { state, branch } = step;
    const source = input === null ? "refused" : line === null ? "made-up" : "given";
    const pointer = line?.pointer ?? null;
    this.calls.push({
      state,
      branch,
      agent,
      attempt,
      task,
      variables,
      input,
      result,
      source,
      at: now,
      pointer,
      misfits,
    });
    return { result, takesMs: isLate ? limit : (line?.takesMs ?? 0) };
  }

  /** How a run of another workflow ends, and after how long; where nobody says anything it answers null. */
  answer(step: Step, { workflow, input, runId }: RunCall, now: number): Ending {
    const line = this.#lineFor(step, workflow, input, this.#scenario.workflows);
    const says = line?.says ?? { output: null };
    const { state, branch, attempt } = step;
    const failed = "error" in says ? { type: "run", ...says.error } : null;
    const output = "output" in says ? says.output : null;
    const result: AttemptResult = failed
      ? { status: "failed", error: failed }
      : { status: "completed", output, simulated: true };
    this.calls.push({
      ...{ state, branch, agent: workflow, attempt, task: null, variables: input, input, result },
      source: line === null ? "made-up" : "given",
      at: now,
      pointer: line?.pointer ?? null,
      misfits: [],
    });
    const dueAt = now + (line?.takesMs ?? 0);
    const standing: CallStanding = failed
      ? { status: "refused", error: failed }
      : { status: "over", lifecycle: { status: "COMPLETED", at: dueAt, output } };
    return { runId, branch, dueAt, standing };
  }

  /** The first answer that fits and was not given yet; when all were, the last one again. */
  #lineFor({ state }: Step, called: string, input: JsonObject, given: Scenario["agents"]): Line | null {
    for (const name of [state, called]) {
      const lines = Object.hasOwn(given, name) ? (given[name] ?? []) : [];
      const fitting = lines.filter((line) => line.with === null || shortfalls(line.with, input).length === 0);
      const line = fitting.find((candidate) => !this.#used.has(candidate)) ?? fitting.at(-1);
      if (!line) continue;
      this.#used.add(line);
      return line;
    }
    return null;
  }
}

function timedOut(step: Step, ms: number): AttemptResult {
  return { status: "failed", error: timeoutError(`attempt ${step.attempt} of "${step.state}"`, ms / 1000) };
}
