import { isObject, type JsonValue } from "../json.ts";
import type { Recorded, RunEvent } from "../run/events.ts";
import { type BranchPath, childBranch, parentOf } from "../run/ids.ts";
import type { StepError } from "../run/run.ts";
import { agentSpanId, attemptSpanId, runSpanId, stateSpanId, type TraceContext, traceOf } from "./context.ts";
import type { Attributes, Span, SpanEvent } from "./span.ts";

type Created = Extract<RunEvent, { readonly type: "run.created" }>;
type Entered = Extract<RunEvent, { readonly type: "state.entered" }>;
type Started = Extract<RunEvent, { readonly type: "step.started" }>;
type Called = Extract<RunEvent, { readonly type: "step.called" }>;
type StepEnd = Extract<RunEvent, { readonly type: "step.succeeded" | "step.failed" | "step.timed_out" }>;

/** A state that a branch stands in, or an attempt within it: what is known before its span ends. */
type OpenState = {
  readonly entered: Entered;
  readonly at: number;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly events: SpanEvent[];
  attempt: OpenAttempt | null;
};
type OpenAttempt = { readonly started: Started | Called; readonly at: number; readonly events: SpanEvent[] };

type Ending = Pick<Span, "status" | "message">;
const OK: Ending = { status: "ok", message: null };

/**
 * A run's trace, folded from its audit trail (PRD §5.1): the run, the visits to its states, the attempts of its steps
 * and their agents. Each event answers the spans that end with it, so nothing is lost with a process that dies: whoever
 * goes on reads the events again.
 */
export class RunTrace {
  readonly #created: Created;
  readonly #createdAt: number;
  readonly #startedBy: string;
  readonly #context: TraceContext;
  readonly #runSpanId: string;
  readonly #open = new Map<BranchPath, OpenState>();
  #isSimulated = false;
  #latest: number;

  constructor({ at, actor, event }: Recorded & { readonly event: Created }) {
    this.#created = event;
    this.#createdAt = at;
    this.#latest = at;
    this.#startedBy = actor;
    this.#runSpanId = runSpanId(event.runId);
    this.#context = traceOf({ id: event.runId, traceparent: event.traceparent ?? null });
  }

  /** Takes the run's next event; the spans that end with it, inner ones first. */
  take({ at: decidedAt, actor, event }: Recorded): readonly Span[] {
    // A parent that joins may have decided so just before one of its branches went on: time does not go back.
    this.#latest = Math.max(this.#latest, decidedAt);
    const at = this.#latest;
    switch (event.type) {
      case "state.entered":
        this.#enter(event, at);
        return [];
      case "step.called":
      case "step.started": {
        const state = this.#open.get(event.branch);
        if (state) state.attempt = { started: event, at, events: [] };
        return [];
      }
      case "step.succeeded":
        this.#isSimulated ||= event.simulated === true;
        return this.#endAttempt(event, at, OK);
      case "step.failed":
      case "step.timed_out":
        return this.#endAttempt(event, at, failed(event.error));
      case "state.exited":
        return this.#leave(event.branch, at, event.error ? failed(event.error) : OK, {
          "station.next": event.next ?? "",
        });
      case "children.cancelled":
        return this.#giveUp(at, childBranch(event.branch, event.segment, ""));
      case "branch.closed":
        return this.#leave(event.branch, at, outcomeOf(event.outcome), {});
      case "run.completed":
        return [...this.#giveUp(at, ""), this.#run(at, "COMPLETED", OK)];
      case "run.failed":
        return [...this.#giveUp(at, ""), this.#run(at, "FAILED", failed(event.error))];
      case "run.timed_out":
        return [...this.#giveUp(at, ""), this.#run(at, "TIMED_OUT", failed(event.error))];
      case "run.cancelled":
        return [
          ...this.#giveUp(at, ""),
          this.#run(at, "CANCELLED", { status: "unset", message: event.reason }),
        ];
      default:
        this.#note(at, actor, event);
        return [];
    }
  }

  #enter(entered: Entered, at: number): void {
    const outer = parentOf(entered.branch);
    const parent = outer === null ? undefined : this.#open.get(outer);
    this.#open.set(entered.branch, {
      entered,
      at,
      spanId: stateSpanId(entered.stepId),
      parentSpanId: parent ? parent.spanId : this.#runSpanId,
      events: [],
      attempt: null,
    });
  }

  #endAttempt(event: StepEnd, endAt: number, ending: Ending): readonly Span[] {
    const state = this.#open.get(event.branch);
    const attempt = state?.attempt;
    if (!state || !attempt || attempt.started.attempt !== event.attempt) return [];
    state.attempt = null;
    return this.#attemptSpans(state, attempt, endAt, ending, {
      ...("error" in event && errorAttributes(event.error)),
      ...("simulated" in event && event.simulated === true && { "station.simulated": true }),
    });
  }

  /** The attempt's span and, within it, its agent's; a called run's own spans are within it too. */
  #attemptSpans(
    { entered, spanId: stateSpan }: OpenState,
    { started, at, events }: OpenAttempt,
    endAt: number,
    ending: Ending,
    more: Attributes,
  ): readonly Span[] {
    const spanId = attemptSpanId(started.stepId, started.attempt);
    const common = { traceId: this.#context.traceId, startAt: at, endAt, ...ending };
    const attempt = {
      ...common,
      spanId,
      parentSpanId: stateSpan,
      name: `StepExecute ${entered.action ?? entered.stateType}`,
      attributes: {
        ...this.#place(entered),
        "station.action": entered.action ?? entered.stateType,
        "station.attempt": started.attempt,
        ...(started.type === "step.called"
          ? { "station.called_run_id": started.runId }
          : { "station.worker": started.lease.worker }),
        ...more,
      },
      events,
    };
    if (started.type === "step.called") return [attempt];
    const agent = agentIn(entered.input);
    const inner = {
      ...common,
      spanId: agentSpanId(started.agentRunId),
      parentSpanId: spanId,
      name: `invoke_agent ${agent}`,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": agent,
        "station.agent_run_id": started.agentRunId,
        ...more,
      },
      events: [],
    };
    return [inner, attempt];
  }

  #leave(branch: BranchPath, endAt: number, ending: Ending, more: Attributes): readonly Span[] {
    const state = this.#open.get(branch);
    if (!state) return [];
    this.#open.delete(branch);
    const { entered, at, spanId, parentSpanId, events, attempt } = state;
    const given = attempt ? this.#attemptSpans(state, attempt, endAt, ending, {}) : [];
    return [
      ...given,
      {
        traceId: this.#context.traceId,
        spanId,
        parentSpanId,
        name: `StateTransition ${entered.state}`,
        startAt: at,
        endAt,
        ...ending,
        attributes: { ...this.#place(entered), ...more },
        events,
      },
    ];
  }

  /** Ends what is open below a path, the innermost first. */
  #giveUp(at: number, prefix: string): readonly Span[] {
    const below = [...this.#open.keys()].filter((path) => path.startsWith(prefix));
    return below
      .sort((a, b) => b.length - a.length)
      .flatMap((path) => this.#leave(path, at, { status: "unset", message: "cancelled" }, {}));
  }

  #run(endAt: number, status: string, ending: Ending): Span {
    const { runId, workflow, labels } = this.#created;
    return {
      traceId: this.#context.traceId,
      spanId: this.#runSpanId,
      parentSpanId: this.#context.callerSpanId,
      name: `WorkflowRun ${workflow.id}`,
      startAt: this.#createdAt,
      endAt,
      ...ending,
      attributes: {
        "station.run_id": runId,
        "station.workflow_id": workflow.id,
        "station.workflow_version": workflow.version,
        "station.environment": workflow.environment,
        "station.status": status,
        "station.started_by": this.#startedBy,
        "station.simulated": this.#isSimulated,
        ...Object.fromEntries(
          Object.entries(labels).map(([name, value]) => [`station.label.${name}`, value]),
        ),
      },
      events: [],
    };
  }

  /** What happens within a span without ending it: an approval asked for, a worker that took over. */
  #note(at: number, actor: string, event: RunEvent): void {
    if (!("branch" in event) || !("stepId" in event)) return;
    const state = this.#open.get(event.branch);
    if (!state) return;
    const events = event.type === "step.reclaimed" ? (state.attempt?.events ?? state.events) : state.events;
    events.push({ name: event.type, at, attributes: { "station.actor": actor } });
  }

  #place({ state, stateType, stepId, branch, visit }: Entered): Attributes {
    return {
      "station.run_id": this.#created.runId,
      "station.workflow_id": this.#created.workflow.id,
      "station.state": state,
      "station.state_type": stateType,
      "station.step_id": stepId,
      "station.branch": branch,
      "station.visit": visit,
    };
  }
}

function failed(error: StepError): Ending {
  return { status: "error", message: error.message };
}

function outcomeOf(outcome: Extract<RunEvent, { readonly type: "branch.closed" }>["outcome"]): Ending {
  switch (outcome.status) {
    case "SUCCEEDED":
      return OK;
    case "FAILED":
      return failed(outcome.error);
    case "CANCELLED":
      return { status: "unset", message: "cancelled" };
  }
}

function errorAttributes({ type, code }: StepError): Attributes {
  return { "error.type": code, "station.error_type": type };
}

function agentIn(input: JsonValue | undefined): string {
  const agent = isObject(input) ? input["agent"] : undefined;
  return typeof agent === "string" ? agent : "";
}
