import { useMemo, useState } from "react";
import { contextOf } from "../../../core/run/context.ts";
import { plural } from "../../format.ts";
import { changesBetween } from "../../kit/json-rows.ts";
import { JsonTree } from "../../kit/json-tree.tsx";
import { Purged } from "../purged.tsx";
import s from "./inspector.module.css";
import type { Inspected } from "./inspector.tsx";

/** The context after the step, and what the step changed in it. While it runs: the context it sees. */
export function ContextTab({ view, trail }: Inspected) {
  const { history, n } = view;
  const exit = trail.exit && trail.exit.seq <= n ? trail.exit.seq : null;
  const [showsAll, setShowsAll] = useState(false);
  const { before, after } = useMemo(() => {
    const was = history.at(exit === null ? n : exit - 1);
    const is = history.at(exit ?? n);
    return {
      before: was ? contextOf(was, trail.branch) : {},
      after: is ? contextOf(is, trail.branch) : {},
    };
  }, [history, n, exit, trail.branch]);
  const changes = useMemo(() => changesBetween(before, after), [before, after]);
  const count = [...changes.values()].filter(({ is }) => is !== "within").length;
  if (view.purgedAt !== null)
    return (
      <div className={s.body}>
        <p className={s.quiet}>
          <Purged at={view.purgedAt}>The context was</Purged>
        </p>
      </div>
    );
  if (exit === null)
    return (
      <div className={s.body}>
        <p className={s.quiet}>The step has not left its state: this is the context it sees.</p>
        <JsonTree value={after} name="context" root="ctx" hasTools />
      </div>
    );
  const isAll = showsAll || count === 0;
  return (
    <div className={s.body}>
      <label className={s.check}>
        <input
          type="checkbox"
          checked={isAll}
          disabled={count === 0}
          onChange={() => setShowsAll(!showsAll)}
        />
        {count === 0
          ? "The step changed nothing; the whole context"
          : `Whole context (${plural(count, "change")} here)`}
      </label>
      <JsonTree value={after} before={before} onlyChanges={!isAll} name="context" root="ctx" hasTools />
    </div>
  );
}
