import { Link } from "@tanstack/react-router";
import type { Activity } from "../../http/schemas/overview.ts";
import { plural } from "../format.ts";
import { StatusIcon } from "../kit/badge.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { Time } from "../kit/time.tsx";
import s from "./overview.module.css";

const MOST = 8;

/** What failed in the last day, failures of a kind in one line. */
export function Broken({ failures }: { readonly failures: Activity["failures"] }) {
  return (
    <Panel
      title="Failing"
      count={failures.length}
      more={
        <Link to="/runs" search={{ status: "failed", since: "24h" }}>
          All failed runs
        </Link>
      }
    >
      {failures.length === 0 ? (
        <Quiet>Nothing has failed in the last 24 hours.</Quiet>
      ) : (
        <ul>
          {failures.slice(0, MOST).map(({ runId, workflowId, state, message, count, firstAt, lastAt }) => (
            <li key={runId} className={s.row}>
              <StatusIcon status="FAILED" />
              <Link to="/runs/$runId" params={{ runId }} search={{}} className={s.main} title={message}>
                <b>{workflowId}</b>
                {state && <span className={s.of}> · {state}</span>}
                <span className={s.message}> {message}</span>
              </Link>
              <span className={s.side}>
                {count > 1 && (
                  <Link
                    to="/runs"
                    search={{ status: "failed", since: "24h", workflow: workflowId }}
                    className={s.times}
                    title={`Since ${new Date(firstAt).toISOString().slice(11, 16)} UTC`}
                  >
                    {plural(count, "run")}
                  </Link>
                )}
                <Time at={lastAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
