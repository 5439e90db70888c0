import type { Definition } from "../../../core/definition/types.ts";
import { isTerminal } from "../../../core/run/run.ts";
import { forecast } from "../../../core/view/forecast.ts";
import { StatusBadge, StatusIcon } from "../../kit/badge.tsx";
import { EmptyState } from "../../kit/empty-state.tsx";
import { JsonTree } from "../../kit/json-tree.tsx";
import type { RunView } from "../use-view.ts";
import s from "./inspector.module.css";

/** A state the run has not come to: what it will do, or would have done. */
export function StateAhead({
  definition,
  name,
  view,
}: {
  readonly definition: Definition;
  readonly name: string;
  readonly view: RunView;
}) {
  const state = definition.states.find((candidate) => candidate.name === name);
  if (!state)
    return <EmptyState title="No such state">This version of the workflow has no state “{name}”.</EmptyState>;
  const { notTaken } = forecast(definition, view.run, isTerminal(view.run));
  const status = notTaken.includes(name) ? "SKIPPED" : "PENDING";
  const { name: _, type, ...rest } = state;
  return (
    <>
      <div className={s.head}>
        <div className={s.title}>
          <StatusIcon status={status} size={17} />
          <h2 className={s.name}>{name}</h2>
          <StatusBadge status={status} />
        </div>
        <p className={s.sub}>{type}</p>
      </div>
      <div className={s.body}>
        <p className={s.quiet}>
          {status === "SKIPPED"
            ? "The run did not come here. It would have:"
            : "The run may come here. It will:"}
        </p>
        <JsonTree value={JSON.parse(JSON.stringify(rest))} name={`definition of ${name}`} />
      </div>
    </>
  );
}
