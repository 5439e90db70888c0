import type { Action, StateType } from "../../core/definition/types.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { openStates } from "../../core/rehearsal/open-states.ts";
import type { Recorded } from "../../core/run/events.ts";
import { statusOf } from "../../core/run/run.ts";
import type { Understudy } from "../ports/rehearsal.ts";
import type { SchemaError } from "../ports/schemas.ts";
import type { Ports } from "../ports.ts";
import type { Call } from "./cast.ts";
import { rehearse } from "./rehearse.ts";

/** A process that serves others has no more time for it; the largest path that somebody reads is far shorter. */
const MOST_MOVES = 2000;
/** Steps that are told of. */
const MOST_STEPS = 300;

const FORKS: ReadonlySet<StateType> = new Set(["switch", "foreach"]);

export type PreviewPorts = Pick<Ports, "expressions" | "schemas"> & {
  readonly store: { readonly workflows: Pick<Ports["store"]["workflows"], "get"> };
  readonly newUnderstudy: () => Understudy;
};

/** A state that the run would come to, and where it would go from there. */
export type PreviewStep = {
  /** The branch, iteration or block it is in; "" is the workflow itself. */
  readonly branch: string;
  readonly state: string;
  readonly type: StateType;
  readonly action: Action | null;
  /** The agent that is asked, the workflow that is run, or who may approve. */
  readonly who: string | null;
  /** Of a switch: the arm that is taken, `null` for its default. */
  readonly condition?: string | null;
  readonly next: string | null;
  /** Where it goes from here depends on what somebody answers, who has not been asked. */
  readonly isOpen: boolean;
};

export type Preview = {
  readonly version: number;
  /** How the run ends if all goes as it is told here. */
  readonly status: ReturnType<typeof statusOf>;
  readonly steps: readonly PreviewStep[];
  /** Steps beyond those. */
  readonly more: number;
  readonly assumed: readonly string[];
  readonly error: string | null;
  readonly output: JsonValue;
  /** Why it is not told to the end; `null` when it is. */
  readonly brokenOff: string | null;
  /** Of its timers and backoffs; agents and people take none. */
  readonly waitsMs: number;
};

export type PreviewResult =
  | { readonly status: "unknown-workflow" }
  | { readonly status: "invalid-input"; readonly errors: readonly SchemaError[] }
  | { readonly status: "previewed"; readonly preview: Preview };

/**
 * The path that a run of a stored workflow would take with this input: agents answer the least that their schema
 * allows, other workflows null, everybody consents. Nothing is started, stored or called.
 */
export async function previewRun(
  ports: PreviewPorts,
  asked: {
    readonly environment: string;
    readonly workflowId: string;
    readonly version?: number;
    readonly input: JsonObject;
  },
): Promise<PreviewResult> {
  const { environment, workflowId, version, input } = asked;
  const workflow = await ports.store.workflows.get(environment, workflowId, version);
  if (!workflow) return { status: "unknown-workflow" };
  const { definition } = workflow;
  const result = await rehearse(
    { expressions: ports.expressions, schemas: ports.schemas, understudy: ports.newUnderstudy() },
    {
      ...{ definition, environment, version: workflow.version, mostMoves: MOST_MOVES },
      scenario: { input, agents: {}, workflows: {}, approvals: {}, signals: [], assumesConsent: true },
    },
  );
  if (result.status === "invalid-input") return result;
  const { run, events, calls, assumed, brokenOff, tookMs } = result.rehearsed;
  const open = openStates(definition);
  const steps = stepsOf(events, calls, open);
  const { lifecycle } = run;
  const error = "error" in lifecycle ? lifecycle.error : null;
  // What an answer that was made up has broken says nothing of the run.
  const lost = error?.state !== undefined && open.has(error.state) ? error.state : null;
  return {
    status: "previewed",
    preview: {
      version: workflow.version,
      status: lost === null ? statusOf(run) : "RUNNING",
      steps: steps.slice(0, MOST_STEPS),
      more: Math.max(0, steps.length - MOST_STEPS),
      assumed: [...new Set(assumed)],
      error: lost === null ? (error?.message ?? null) : null,
      output: lifecycle.status === "COMPLETED" ? lifecycle.output : null,
      brokenOff: lost === null ? brokenOff : `"${lost}" goes by what nobody has answered yet`,
      waitsMs: tookMs,
    },
  };
}

function stepsOf(
  events: readonly Recorded[],
  calls: readonly Call[],
  open: ReadonlySet<string>,
): readonly PreviewStep[] {
  const steps = new Map<string, PreviewStep>();
  const called = new Map(calls.map(({ branch, state, agent }) => [JSON.stringify([branch, state]), agent]));
  for (const { event } of events) {
    if (event.type === "state.entered")
      steps.set(event.stepId, {
        branch: event.branch,
        state: event.state,
        type: event.stateType,
        action: event.action ?? null,
        who: called.get(JSON.stringify([event.branch, event.state])) ?? null,
        next: null,
        isOpen: FORKS.has(event.stateType) && open.has(event.state),
      });
    const step = "stepId" in event ? steps.get(event.stepId) : undefined;
    if (!step || !("stepId" in event)) continue;
    if (event.type === "approval.requested") {
      const { approvers } = event.approval;
      steps.set(event.stepId, { ...step, who: approvers.length > 0 ? approvers.join(", ") : null });
    }
    if (event.type === "state.exited")
      steps.set(event.stepId, {
        ...step,
        next: event.next,
        ...(event.condition !== undefined && { condition: event.condition }),
      });
  }
  return [...steps.values()];
}
