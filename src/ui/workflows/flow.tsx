import { Link, useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import type { State } from "../../core/definition/types.ts";
import type { Workflow, WorkflowStatistics } from "../../http/schemas/workflows.ts";
import { useAgents } from "../agents/use-agents.ts";
import { IconButton } from "../kit/button.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { type GraphNode, graphOf } from "../runs/graph/graph-of.ts";
import s from "./flow.module.css";
import { lineOfPlace } from "./line-of-state.ts";
import { StateCard } from "./state-card.tsx";
import { factsOf, kindOf, treesOf } from "./state-facts.ts";

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
    () => graphOf(definition, NONE).nodes.find(({ id }) => id === place) ?? null,
    [definition, place],
  );
  const shares = useMemo(() => sharesOf(statistics), [statistics]);
  const { data: known } = useAgents(workflow.environment);
  const tipOf = ({ state }: GraphNode) => state && <StateCard state={state} agents={known?.items ?? []} />;
  const open = ({ id }: GraphNode) => {
    const line = lineOfPlace(workflow, id);
    void navigate({
      search: (old) => ({ ...old, tab: "definition", state: id }),
      ...(line !== null && { hash: `L${line}` }),
    });
  };
  return (
    <>
      <div className={s.frame} style={{ ["--states" as string]: definition.states.length }}>
        <Suspense fallback={<SkeletonRows label="Loading the graph" />}>
          <DefinitionGraph
            definition={definition}
            place={place}
            shares={shares}
            onSelect={({ id, state }) => state && select(id)}
            onOpen={open}
            tipOf={tipOf}
          />
        </Suspense>
      </div>
      {selected?.state ? (
        <Selected
          workflow={workflow}
          place={selected.id}
          state={selected.state}
          onClose={() => select(undefined)}
        />
      ) : (
        <p className={s.hint}>Select a state to see what it does; press it twice to read its text.</p>
      )}
    </>
  );
}

/** Of the runs that came to a switch, the share that went each way, by `switch→state`. */
function sharesOf(statistics: WorkflowStatistics | undefined): ReadonlyMap<string, number> {
  const runs = new Map(statistics?.states.map((of) => [of.state, of.runs]));
  return new Map(
    statistics?.ways.map((way) => [
      `${way.state}→${way.next}`,
      way.runs / Math.max(way.runs, runs.get(way.state) ?? 0),
    ]),
  );
}

function Selected({
  workflow,
  place,
  state,
  onClose,
}: {
  readonly workflow: Workflow;
  readonly place: string;
  readonly state: State;
  readonly onClose: () => void;
}) {
  const line = lineOfPlace(workflow, place);
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
