import { Bot } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import type { State } from "../../../core/definition/types.ts";
import { blockAt } from "../../../core/run/blocks.ts";
import { type BranchPath, ROOT } from "../../../core/run/ids.ts";
import type { Step } from "../../../core/run/run.ts";
import { shownStatusOf } from "../../../core/view/step-status.ts";
import { duration } from "../../format.ts";
import { StatusBadge, StatusIcon } from "../../kit/badge.tsx";
import { EmptyState } from "../../kit/empty-state.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { Tabs } from "../../kit/tabs.tsx";
import { RerunFrom } from "../dialogs/rerun-from.tsx";
import type { History } from "../model/history.ts";
import { endAsOf, type StepTrail } from "../model/index-events.ts";
import type { InspectorTab } from "../run-search.ts";
import { type RunView, useRunSearch } from "../use-view.ts";
import { ContextTab } from "./context-tab.tsx";
import { EventsTab } from "./events-tab.tsx";
import { InputTab } from "./input-tab.tsx";
import s from "./inspector.module.css";
import { OutputTab } from "./output-tab.tsx";
import { OverviewTab } from "./overview-tab.tsx";
import { StateAhead } from "./state-ahead.tsx";

/** What operations are called. */
const KINDS: Readonly<Record<string, string>> = {
  "agent.run": "agent",
  "human.approval": "approval",
  "workflow.run": "workflow",
};

const AgentTab = lazy(() =>
  import("./agent-tab.tsx").then(({ AgentTab: component }) => ({ default: component })),
);

/** What the tabs are drawn from: one step as of the cursor, and the state it is a visit of. */
export type Inspected = {
  readonly view: RunView;
  readonly step: Step;
  readonly trail: StepTrail;
  readonly state: State | null;
};

/** Everything about the selected step; of a state that is still ahead, what it will do. */
export function Inspector({
  view,
  selected,
  tab = "overview",
}: {
  readonly view: RunView;
  readonly selected: string | null;
  readonly tab: InspectorTab | undefined;
}) {
  const { change } = useRunSearch();
  const { run, history, n, now } = view;
  const trail = selected === null ? undefined : history.index.steps.get(selected as Step["id"]);
  const step = trail && run.steps[trail.id];
  const state = useMemo(() => (trail ? stateOf(history, trail.branch, trail.state) : null), [history, trail]);
  if (selected?.startsWith("state:"))
    return <StateAhead definition={history.definition} name={selected.slice("state:".length)} view={view} />;
  if (!trail || !step)
    return (
      <EmptyState title={selected === null ? "Nothing is selected" : "Not there yet"}>
        {selected === null ? "Select a step to see what it did." : "At this event the step had not begun."}
      </EmptyState>
    );
  const inspected: Inspected = { view, step, trail, state };
  const from = step.startedAt ?? trail.at;
  const status = shownStatusOf(run, step);
  const hasAgent = trail.action === "agent.run" && step.reusedFrom === null;
  const kind = (trail.action !== null && KINDS[trail.action]) || trail.type;
  return (
    <Tabs
      label="What to see of the step"
      value={tab === "agent" && !hasAgent ? "overview" : tab}
      onChange={(value) =>
        change({ tab: value === "overview" ? undefined : value, step: selected ?? undefined })
      }
      head={
        <div className={s.head}>
          <div className={s.title}>
            <StatusIcon status={status} size={17} />
            <h2 className={s.name}>{trail.state}</h2>
            <StatusBadge status={status} />
            {trail.branch === ROOT && <RerunFrom view={view} state={trail.state} isSmall />}
          </div>
          <p className={s.sub}>
            {state && "agent" in state && (
              <>
                <Bot size={13} aria-hidden /> {state.agent} ·{" "}
              </>
            )}
            {kind}
            {step.reusedFrom !== null
              ? " · taken over"
              : step.progress.status !== "PENDING" && ` · ${duration((endAsOf(trail, n) ?? now) - from)}`}
            {trail.visit > 1 && ` · visit ${trail.visit}`}
            {trail.branch !== "" && ` · ${trail.branch}`}
          </p>
        </div>
      }
      tabs={[
        { value: "overview", label: "Overview", content: <OverviewTab {...inspected} /> },
        { value: "input", label: "Input", content: <InputTab {...inspected} /> },
        { value: "output", label: "Output", content: <OutputTab {...inspected} /> },
        { value: "context", label: "Context Δ", content: <ContextTab {...inspected} /> },
        ...(hasAgent
          ? [
              {
                value: "agent" as const,
                label: "Agent",
                content: (
                  <Suspense fallback={<SkeletonRows label="Loading what the agent did" rows={4} />}>
                    <AgentTab {...inspected} />
                  </Suspense>
                ),
              },
            ]
          : []),
        { value: "events", label: "Events", content: <EventsTab {...inspected} /> },
      ]}
    />
  );
}

function stateOf(history: History, branch: BranchPath, name: string): State | null {
  try {
    return blockAt(history.definition, branch).states.find((state) => state.name === name) ?? null;
  } catch {
    return null; // of a branch this version cannot place; the events still tell everything
  }
}
