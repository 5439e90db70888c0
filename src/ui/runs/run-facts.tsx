import { Link } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { duration } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { PageBar } from "../kit/page.tsx";
import { Segmented } from "../kit/tabs.tsx";
import { Time } from "../kit/time.tsx";
import s from "./run-facts.module.css";
import { RUN_VIEWS, type RunView as Shown } from "./run-search.ts";
import { shortId } from "./short-id.ts";
import type { RunView } from "./use-view.ts";

/** The line under the header: what the run is, and which view of it is shown. On a phone the facts fold. */
export function RunFacts({
  view: { run, now },
  shown,
  onShow,
  onPointAtGraph,
}: {
  readonly view: RunView;
  readonly shown: Shown;
  readonly onShow: (view: Shown) => void;
  readonly onPointAtGraph: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const leaves = Object.values(run.steps);
  const done = leaves.filter(({ progress }) => progress.status === "SUCCEEDED").length;
  return (
    <PageBar>
      <button type="button" className={s.disclosure} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ChevronDown size={14} aria-hidden /> {duration(now - run.createdAt)} · {done}/{leaves.length} steps
      </button>
      <dl className={s.facts} data-open={isOpen || undefined}>
        <Fact name="Version">
          <Link
            to="/workflows/$workflowId"
            params={{ workflowId: run.workflow.id }}
            search={{
              environment: run.workflow.environment,
              tab: "versions",
              version: run.workflow.version,
            }}
            className={s.version}
          >
            v{run.workflow.version}
          </Link>
        </Fact>
        <Fact name="By">{run.startedBy}</Fact>
        <Fact name="Started">
          <Time at={run.createdAt} />
        </Fact>
        <Fact name="Duration">
          <span className="num">{duration(now - run.createdAt)}</span>
        </Fact>
        <Fact name="Steps">
          <span className="num">
            {done}/{leaves.length}
          </span>
        </Fact>
        {run.rerunOf && (
          <Fact name="Again">
            <Link to="/runs/$runId" params={{ runId: run.rerunOf.runId }} search={{}} className={s.link}>
              {shortId(run.rerunOf.runId)}
            </Link>
            {run.rerunOf.from !== null && ` from ${run.rerunOf.from}`}
          </Fact>
        )}
        {run.calledBy && (
          <Fact name="Called by">
            <Link
              to="/runs/$runId"
              params={{ runId: run.calledBy.runId }}
              search={{ step: run.calledBy.stepId }}
              className={s.link}
            >
              {shortId(run.calledBy.runId)}
            </Link>
          </Fact>
        )}
        {run.workflow.environment !== "default" && <Fact name="Environment">{run.workflow.environment}</Fact>}
        {Object.entries(run.labels).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
      {run.simulated && <Note>simulated – no model was called</Note>}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only a hint to load what will be needed */}
      <span className={s.views} onPointerEnter={onPointAtGraph} onFocus={onPointAtGraph}>
        <Segmented
          label="View"
          value={shown}
          onChange={onShow}
          choices={RUN_VIEWS.map((value, index) => ({
            value,
            label: value.charAt(0).toUpperCase() + value.slice(1),
            shortcut: String(index + 1),
          }))}
        />
      </span>
    </PageBar>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className={s.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
