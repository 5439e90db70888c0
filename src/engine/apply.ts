import type { By } from "../core/identity/channel.ts";
import type { Seen } from "../core/run/alarms-of.ts";
import type { Command, Refusal } from "../core/run/commands.ts";
import { type Decided, decide } from "../core/run/decide.ts";
import type { BranchPath, RunId } from "../core/run/ids.ts";
import type { Answer, CallStanding, Question, RunCall } from "../core/run/questions.ts";
import { isTerminal, type Run } from "../core/run/run.ts";
import { logEnds } from "./log-ends.ts";
import type { Loaded, Once, Replay, RunStore } from "./ports/runs.ts";
import type { Ports } from "./ports.ts";

/** After so many decisions that others overtook, something is wrong: give the message back and start afresh. */
const MAX_OVERTAKEN = 50;
/** A decision that keeps asking is a bug; each state asks at most a few questions. */
const MAX_QUESTIONS = 1000;

export type Applied =
  | { readonly status: "applied"; readonly run: Run; readonly changed: boolean }
  | { readonly status: "refused"; readonly refusal: Refusal }
  | { readonly status: "replayed"; readonly replay: Replay }
  | { readonly status: "unknown-run" };

/**
 * Load, decide, append: the only way a run ever changes. Decides again when somebody else was faster. `command` is
 * made from what was loaded, each time anew, so that it can say what only the moment knows. `seen`: the alarm it
 * answers to, when that is not the branch's own.
 */
export async function apply(
  ports: Pick<Ports, "store" | "queue" | "clock" | "expressions" | "schemas" | "log">,
  runId: RunId,
  branch: BranchPath,
  by: By,
  command: (loaded: Loaded) => Command | Promise<Command>,
  { once, seen }: { readonly once?: Once; readonly seen?: Seen } = {},
): Promise<Applied> {
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken++) {
    const loaded = await ports.store.runs.load(runId, branch);
    if (!loaded) return { status: "unknown-run" };
    const asked = await command(loaded);
    const decided = await decideWithAnswers(ports, loaded.run, asked, by, seen ?? loaded);
    if (decided.kind === "refused") {
      // What is refused by now may have been done when it was asked for the first time.
      const replay = once && (await ports.store.runs.answered(once, ports.clock.now()));
      return replay ? { status: "replayed", replay } : { status: "refused", refusal: decided.refusal };
    }
    const { transition, run } = decided;
    if (!transition) return { status: "applied", run, changed: false };
    const result = await ports.store.runs.commit(transition, once);
    switch (result.status) {
      case "committed":
        logEnds(ports.log, run, transition);
        if (transition.events.length > 0) ports.queue.announce([runId], isTerminal(run));
        return { status: "applied", run, changed: transition.events.length > 0 };
      case "replayed":
        return { status: "replayed", replay: result };
      case "stale":
        break;
    }
  }
  throw new Error(`run ${runId}: ${MAX_OVERTAKEN} decisions in a row were overtaken by others`);
}

/** What a decision may have to ask. */
type DecisionPorts = Pick<Ports, "clock" | "expressions" | "schemas"> & {
  readonly store: { readonly runs: Pick<RunStore, "outcomes" | "aheadOf" | "waitsFor"> };
  /** How a called run goes, started when it is not there; only whoever moves branches on has to know. */
  readonly standingOf?: (run: Run, call: RunCall) => Promise<CallStanding>;
};

/** Decides, and finds out whatever the decision asks for, until it needs nothing more. */
export async function decideWithAnswers(
  ports: DecisionPorts,
  run: Run,
  command: Command,
  by: By,
  seen: Seen,
): Promise<Exclude<Decided, { kind: "ask" }>> {
  const answers = new Map<string, Answer>();
  const random = ports.clock.random();
  // One moment for the whole decision: asking takes time, and the answers depend on it.
  const now = ports.clock.now();
  for (let asked = 0; asked < MAX_QUESTIONS; asked++) {
    const decided = decide(run, command, { now, random, answers }, by, seen);
    if (decided.kind !== "ask") return decided;
    answers.set(decided.question.key, await answer(ports, run, decided.question));
  }
  throw new Error(`run ${run.id}: a decision asked ${MAX_QUESTIONS} questions and still had more`);
}

async function answer(ports: Omit<DecisionPorts, "clock">, run: Run, question: Question): Promise<Answer> {
  switch (question.ask) {
    case "evaluate": {
      const { programs, scope, until } = question;
      const evaluations = await ports.expressions.evaluate(programs, scope, until ? { until } : {});
      return { ask: "evaluate", evaluations };
    }
    case "check":
      return { ask: "check", misfits: ports.schemas.validate(question.schema, question.value).errors ?? [] };
    case "children": {
      const outcomes = await ports.store.runs.outcomes(run.id, question.branch, question.segment);
      return { ask: "children", outcomes };
    }
    case "slot":
      return { ask: "slot", ahead: await ports.store.runs.aheadOf(question.slot, question.most) };
    case "caller":
      return { ask: "caller", waits: await ports.store.runs.waitsFor(question.calledBy, question.runId) };
    case "call": {
      if (!ports.standingOf)
        throw new Error(`run ${run.id}: only an advance looks at the runs it has called`);
      return { ask: "call", standing: await ports.standingOf(run, question.call) };
    }
  }
}
