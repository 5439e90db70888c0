import type { Workflow, WorkflowStatistics } from "../../http/schemas/workflows.ts";
import { count, duration, plural } from "../format.ts";
import { whyOf } from "../kit/error-panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { graphOf } from "../runs/graph/graph-of.ts";
import { lookOf } from "../status.ts";
import s from "./state-figures.module.css";
import { endedIn, type Figures } from "./weakest.ts";

/** How each state did in the last runs: how often, how well, and how long it took; which is slow and which fails. */
export function StateFigures({
  workflow: { definition },
  statistics,
  error,
}: {
  readonly workflow: Workflow;
  readonly statistics: WorkflowStatistics | undefined;
  readonly error: unknown;
}) {
  if (error && !statistics) return <p className={s.faint}>How its states did is not known: {whyOf(error)}</p>;
  if (!statistics) return <SkeletonRows label="Loading how its states did" rows={3} />;
  const { runs, states } = statistics;
  const ended = endedIn(states);
  if (ended.length === 0) return <p className={s.faint}>No state of it has come to an end yet.</p>;
  const rows = inOrder(
    ended,
    graphOf(definition, new Set()).nodes.map(({ title }) => title),
  );
  const slowest = Math.max(1, ...rows.map(({ p95Ms }) => p95Ms));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={s.scroller} aria-label="How its states did" tabIndex={0}>
        <table className={s.table}>
          <thead>
            <tr>
              <th>State</th>
              <th>Visits</th>
              <th>{lookOf("FAILED").word}</th>
              <th>Retried</th>
              <th>Half within</th>
              <th>95 % within</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ state, visits, failed, retried, p50Ms, p95Ms }) => (
              <tr key={state}>
                <th scope="row">{state}</th>
                <td>{count(visits)}</td>
                <td data-bad={failed > 0 || undefined}>{shareOf(failed, visits)}</td>
                <td>{shareOf(retried, visits)}</td>
                <td>{duration(p50Ms)}</td>
                <td>
                  <span className={s.bar} aria-hidden>
                    <i style={{ width: `${(100 * p95Ms) / slowest}%` }} />
                  </span>
                  {duration(p95Ms)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className={s.faint}>Of the last {plural(runs, "run")}.</p>
    </>
  );
}

/** As they stand in the definition; states of earlier versions come last. */
function inOrder(states: readonly Figures[], names: readonly string[]): readonly Figures[] {
  const placeOf = ({ state }: Figures) => {
    const place = names.indexOf(state);
    return place < 0 ? names.length : place;
  };
  return states.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function shareOf(part: number, whole: number): string {
  return part === 0 ? "–" : `${Math.max(1, Math.round((100 * part) / whole))} %`;
}
