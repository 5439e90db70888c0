import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { RunRow } from "../../http/schemas/runs.ts";
import { api } from "../api.ts";
import { StatusIcon } from "../kit/badge.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { Elapsed, Time } from "../kit/time.tsx";
import { Why } from "../kit/why.tsx";
import s from "./overview.module.css";

const MOST = 6;

/** What runs, and why it does not go on where it does not. */
export function Happening({ count }: { readonly count: number }) {
  const { data, error } = useQuery({
    queryKey: ["runs", "overview", "open"],
    queryFn: () =>
      api.listRuns({
        query: {
          status: ["PENDING", "RUNNING", "WAITING_APPROVAL", "WAITING_SIGNAL", "PAUSED"],
          limit: MOST,
          why: true,
        },
      }),
  });
  return (
    <Panel
      title="Happening"
      count={count}
      more={
        <Link to="/runs" search={{ status: "running" }}>
          All running
        </Link>
      }
    >
      {error && !data ? (
        <Quiet>What is going on is not known: {whyOf(error)}</Quiet>
      ) : data?.items.length === 0 ? (
        <Quiet>Nothing is running.</Quiet>
      ) : (
        <ul>
          {data?.items.map((run) => (
            <Open key={run.runId} run={run} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Open({ run: { runId, workflowId, status, createdAt, why } }: { readonly run: RunRow }) {
  return (
    <li className={s.row}>
      <StatusIcon status={status} />
      <Link to="/runs/$runId" params={{ runId }} search={{}} className={s.main} title={why ?? ""}>
        <b>{workflowId}</b>
        <span className={s.message}> {why && <Why sentence={why} />}</span>
      </Link>
      <span className={s.side}>
        <Elapsed from={Date.parse(createdAt)} until={null} />
      </span>
    </li>
  );
}

/** What came to an end last. */
export function Lately() {
  const { data, error } = useQuery({
    queryKey: ["runs", "overview", "over"],
    queryFn: () =>
      api.listRuns({ query: { status: ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"], limit: MOST } }),
  });
  return (
    <Panel
      title="Lately"
      more={
        <Link to="/runs" search={{}}>
          All runs
        </Link>
      }
    >
      {error && !data ? (
        <Quiet>What came to an end is not known: {whyOf(error)}</Quiet>
      ) : data?.items.length === 0 ? (
        <Quiet>No run has come to an end yet.</Quiet>
      ) : (
        <ul>
          {data?.items.map(({ runId, workflowId, status, createdAt, finishedAt, startedBy }) => (
            <li key={runId} className={s.row}>
              <StatusIcon status={status} />
              <Link to="/runs/$runId" params={{ runId }} search={{}} className={s.main}>
                <b>{workflowId}</b>
                <span className={s.message}> {startedBy}</span>
              </Link>
              <span className={s.side}>
                <Elapsed from={Date.parse(createdAt)} until={Date.parse(finishedAt ?? createdAt)} />
                <Time at={finishedAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
