import { Link, useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import type { State } from "../../core/definition/types.ts";
import type { Workflow, WorkflowStatistics } from "../../http/schemas/workflows.ts";
import { duration, plural } from "../format.ts";
import { IconButton } from "../kit/button.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { graphOf } from "../runs/graph/graph-of.ts";
import s from "./flow.module.css";
import { lineOfState } from "./line-of-state.ts";

const DefinitionGraph = lazy(() =>
  import("../runs/graph/definition-graph.tsx").then((module) => ({ default: module.DefinitionGraph })),
);

const NONE: ReadonlySet<string> = new Set();

/** The graph of a definition, and what the selected state of it does. */
export function Flow({
  workflow,
  place,
  statistics,
}: {
  readonly workflow: Workflow;
  readonly place: string | null;
  /** How its states did lately: how often each way of a switch was gone. */
  readonly statistics: WorkflowStatistics | undefined;
}) {
  const { definition } = workflow;
  const navigate = useNavigate({ from: "/workflows/$workflowId" });
  const select = (state: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, state }), replace: true, resetScroll: false });
  const selected = useMemo(
    () => graphOf(definition, NONE).nodes.find(({ id }) => id === place)?.state ?? null,
    [definition, place],
  );
  const runsOf = useMemo(
    () => new Map(statistics?.states.map(({ state, runs }) => [state, runs])),
    [statistics],
  );
  return (
    <>
      <div className={s.frame} style={{ ["--states" as string]: definition.states.length }}>
        <Suspense fallback={<SkeletonRows label="Loading the graph" />}>
          <DefinitionGraph
            definition={definition}
            place={place}
            runsOf={runsOf}
            onSelect={({ id, state }) => state && select(id)}
          />
        </Suspense>
      </div>
      {selected ? (
        <Selected workflow={workflow} state={selected} onClose={() => select(undefined)} />
      ) : (
        <p className={s.hint}>Select a state to see what it does.</p>
      )}
    </>
  );
}

function Selected({
  workflow: { source },
  state,
  onClose,
}: {
  readonly workflow: Workflow;
  readonly state: State;
  readonly onClose: () => void;
}) {
  const line = lineOfState(source, state.name);
  return (
    <section className={s.selected} aria-label={`State ${state.name}`}>
      <header className={s.head}>
        <h3>{state.name}</h3>
        <span className={s.faint}>{kindOf(state)}</span>
        {line !== null && (
          <Link to="." search={(old) => ({ ...old, tab: "definition" })} hash={`L${line}`} className={s.line}>
            line {line} of its definition
          </Link>
        )}
        <IconButton icon={X} label="Close" onClick={onClose} />
      </header>
      <dl className={s.facts}>
        {factsOf(state).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {treesOf(state).map(([name, value]) => (
        <div key={name}>
          <p className={s.faint}>{name}</p>
          <JsonTree value={JSON.parse(JSON.stringify(value))} name={`${name} of ${state.name}`} />
        </div>
      ))}
    </section>
  );
}

function kindOf(state: State): string {
  if (state.type !== "operation") return state.type;
  if (state.action === "human.approval") return "approval";
  return state.action === "agent.run" ? `agent ${state.agent}` : `workflow ${state.workflow}`;
}

function factsOf(state: State): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string | undefined])[] = [
    ["Result goes to", state.resultPath],
    [
      "Times out",
      state.timeoutSeconds === undefined ? undefined : `after ${duration(state.timeoutSeconds * 1000)}`,
    ],
    ["On error", state.onError ? `goes to ${state.onError.next}` : state.continueOnError && "goes on"],
    [
      "Then",
      "transition" in state ? ("next" in state.transition ? state.transition.next : "it ends") : undefined,
    ],
  ];
  if (state.type === "operation" && state.action === "agent.run") {
    const { task, retry } = state;
    facts.unshift(["Task", task]);
    if (retry)
      facts.push([
        "Retries",
        `${plural(retry.maxAttempts, "attempt")}, the first pause ${duration(retry.backoffSeconds * 1000)}`,
      ]);
  }
  if (state.type === "operation" && state.action === "human.approval")
    facts.unshift(
      ["Question", state.message],
      ["Evidence", state.summaryPath],
      ["May decide", state.approvers.length === 0 ? "anyone who may approve" : state.approvers.join(", ")],
    );
  if (state.type === "foreach")
    facts.unshift(["For each of", state.itemsPath], ["At once", String(state.maxConcurrency)]);
  if (state.type === "transform") facts.unshift(["Computes", state.expression]);
  if (state.type === "signal") facts.unshift(["Waits for", state.signal]);
  if (state.type === "parallel")
    facts.unshift(["Branches", state.branches.map(({ name }) => name).join(", ")]);
  return facts.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)] as const],
  );
}

function treesOf(state: State): readonly (readonly [string, unknown])[] {
  if (state.type === "operation" && state.action === "agent.run" && state.variables)
    return [["Variables", state.variables]];
  if (state.type === "inject") return [["Data", state.data]];
  if (state.type === "switch")
    return [
      ["Goes", [...state.conditions, ...(state.defaultNext ? [{ otherwise: state.defaultNext }] : [])]],
    ];
  if (state.type === "timer") return [["Waits", state.wait]];
  return [];
}
