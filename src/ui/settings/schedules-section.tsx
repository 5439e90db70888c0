import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import type { Schedule, Tick } from "../../http/schemas/schedules.ts";
import { api, queryClient } from "../api.ts";
import { everyPage } from "../every-page.ts";
import { duration } from "../format.ts";
import { Note, StatusIcon } from "../kit/badge.tsx";
import { IconButton } from "../kit/button.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { Menu } from "../kit/menu.tsx";
import { PageBody } from "../kit/page.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { Time } from "../kit/time.tsx";
import { say } from "../kit/toast.ts";
import { shortId } from "../runs/short-id.ts";
import { type Rights, useRights } from "../system.ts";
import { AskDialog } from "./ask-dialog.tsx";
import { ListPanel } from "./list-panel.tsx";
import { NewScheduleDialog } from "./new-schedule-dialog.tsx";
import { PlainTable } from "./plain-table.tsx";
import s from "./settings.module.css";
import { WATCHED } from "./watched.ts";

/** A tick starts a run: what is shown here is old when runs are. */
const KEY = ["runs", "schedules"];
const fresh = () => queryClient.invalidateQueries({ queryKey: KEY });

type Open = { readonly is: "new" } | { readonly is: "delete"; readonly schedule: Schedule };

/** Runs that start by themselves: when next, and what came of each time. */
export function SchedulesSection() {
  const search = useSearch({ from: "/settings/$section" });
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: async () => ({
      items: await everyPage<Schedule>((cursor) => api.listSchedules({ query: { limit: 200, ...cursor } })),
    }),
    ...WATCHED,
  });
  const items = query.data?.items ?? [];
  const chosen = items.find(
    ({ name, environment }) => name === search.name && environment === (search.environment ?? environment),
  );
  const look = ({ name, environment }: Schedule) =>
    void navigate({
      to: "/settings/$section",
      params: { section: "schedules" },
      search: { name, environment },
    });
  // First of all: what is gone is not asked for again.
  const leave = () =>
    navigate({ to: "/settings/$section", params: { section: "schedules" }, search: {}, replace: true });
  return (
    <PageBody label="Schedules">
      <div className={s.stack} data-wide>
        <ListPanel
          title="All schedules"
          one="schedule"
          many="schedules"
          listing={query}
          target="/api/v1/schedules"
          sees="runs:read"
          makes="workflows:write"
          onNew={() => setOpen({ is: "new" })}
          empty={
            <>
              No run starts by itself. Make a schedule here, or declare one in a workflow with{" "}
              <code>schedule:</code>.
            </>
          }
        >
          <Schedules
            items={items}
            chosen={chosen}
            onLook={look}
            onDelete={(schedule) => setOpen({ is: "delete", schedule })}
          />
        </ListPanel>
        {chosen && <Chosen schedule={chosen} />}
      </div>
      {open?.is === "new" && (
        <NewScheduleDialog
          onClose={() => setOpen(null)}
          onMade={(schedule) => {
            setOpen(null);
            look(schedule);
            void fresh();
          }}
        />
      )}
      {open?.is === "delete" && (
        <AskDialog
          title={`Delete ${open.schedule.name}?`}
          text="It starts nothing any more, and its history goes with it. Its runs stay, and go on."
          action="Delete schedule"
          onClose={() => setOpen(null)}
          onDo={async () => {
            const { name, environment } = open.schedule;
            await api.deleteSchedule({ params: { name }, query: { environment } });
            setOpen(null);
            await leave();
            await fresh();
          }}
        />
      )}
    </PageBody>
  );
}

function Schedules({
  items,
  chosen,
  onLook,
  onDelete,
}: {
  readonly items: readonly Schedule[];
  readonly chosen: Schedule | undefined;
  readonly onLook: (schedule: Schedule) => void;
  readonly onDelete: (schedule: Schedule) => void;
}) {
  const { whyNot } = useRights();
  return (
    <PlainTable heads={["Name", "~Workflow", "~When", "Next", "~Last"]}>
      {items.map((schedule) => {
        const { id, name, environment, workflowId, nextAt, status, last } = schedule;
        return (
          <tr key={id} data-current={schedule === chosen || undefined}>
            <td>
              <button type="button" className={s.open} onClick={() => onLook(schedule)}>
                {name}
              </button>{" "}
              <span className={s.faint}>{environment}</span>
            </td>
            <td data-phone="hide">
              <Link
                to="/workflows/$workflowId"
                params={{ workflowId }}
                search={environment === "default" ? {} : { environment }}
                className={s.link}
              >
                {workflowId}
              </Link>
            </td>
            <td data-phone="hide">{whenOf(schedule)}</td>
            <td>{status === "active" ? <Time at={nextAt} /> : <Note>{status}</Note>}</td>
            <td data-phone="hide">
              {last ? <TickNote tick={last} /> : <span className={s.faint}>not yet</span>}
            </td>
            <td className={s.end}>
              <Menu items={actionsOf(schedule, whyNot, onLook, onDelete)}>
                <IconButton icon={Ellipsis} label={`More for ${name}`} />
              </Menu>
            </td>
          </tr>
        );
      })}
    </PlainTable>
  );
}

function actionsOf(
  schedule: Schedule,
  whyNot: Rights["whyNot"],
  onLook: (schedule: Schedule) => void,
  onDelete: (schedule: Schedule) => void,
) {
  const { name, environment, status, origin } = schedule;
  const mayNotControl = whyNot("runs:write", environment);
  const declared = origin === "workflow" ? "Its workflow declares it: remove it there" : null;
  const asked = { params: { name }, query: { environment } };
  const change = (what: () => Promise<unknown>, said: string) => async () => {
    try {
      await what();
      say(said, "success");
    } catch (error) {
      say(whyOf(error), "error");
    }
    await fresh();
  };
  const pause = change(() => api.pauseSchedule(asked), `${name} starts nothing until it is resumed`);
  const resume = change(() => api.resumeSchedule(asked), `${name} goes on`);
  const fire = async () => {
    try {
      const { status: became, reason } = await api.triggerSchedule(asked);
      say(reason ?? `${name}: ${became}`);
    } catch (error) {
      say(whyOf(error), "error");
    }
    await fresh();
  };
  return [
    { label: "Next times and history", onSelect: () => onLook(schedule) },
    { label: "Start a run now", disabledBecause: mayNotControl, onSelect: () => void fire() },
    status === "paused"
      ? { label: "Resume", disabledBecause: mayNotControl, onSelect: () => void resume() }
      : { label: "Pause", disabledBecause: mayNotControl, onSelect: () => void pause() },
    {
      label: "Delete…",
      disabledBecause: whyNot("workflows:write", environment) ?? declared,
      onSelect: () => onDelete(schedule),
    },
  ];
}

/** When one schedule fires next, and what came of it up to now. */
function Chosen({ schedule: { name, environment, status, paused } }: { readonly schedule: Schedule }) {
  const asked = { params: { name }, query: { environment } };
  const next = useQuery({
    queryKey: [...KEY, environment, name, "next"],
    queryFn: () => api.nextTicks({ ...asked, query: { environment, count: 5 } }),
    ...WATCHED,
  });
  const history = useQuery({
    queryKey: [...KEY, environment, name, "history"],
    queryFn: () => api.listTicks({ ...asked, query: { environment, limit: 20 } }),
    ...WATCHED,
  });
  return (
    <div className={s.pair}>
      <Panel title={`What came of ${name}`}>
        {history.error && !history.data ? (
          <Quiet>What came of it is not known: {whyOf(history.error)}</Quiet>
        ) : history.data?.items.length === 0 ? (
          <Quiet>It has not fired yet.</Quiet>
        ) : (
          <table className={s.table}>
            <tbody>
              {history.data?.items.map((tick) => (
                <tr key={tick.key}>
                  <td>
                    <Time at={tick.at} />
                    {tick.triggeredBy && <span className={s.faint}> by {tick.triggeredBy}</span>}
                  </td>
                  <td>
                    <TickNote tick={tick} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      <Panel title="Next times">
        {status === "paused" ? (
          <Quiet>
            Paused by {paused?.by ?? "somebody"}
            {paused?.reason && `: ${paused.reason}`}. Times that pass are recorded as missed.
          </Quiet>
        ) : next.error && !next.data ? (
          <Quiet>When it fires is not known: {whyOf(next.error)}</Quiet>
        ) : (
          <ol className={s.changes}>
            {next.data?.items.map(({ at, local }) => (
              <li key={at} className={s.change}>
                <span className="num">{local.slice(0, 16).replace("T", " ")}</span>
                <span className={s.faint}>
                  {next.data.timezone} · <Time at={at} />
                </span>
              </li>
            ))}
          </ol>
        )}
      </Panel>
    </div>
  );
}

/** What came of a tick: its run, or why there is none. */
function TickNote({ tick: { status, runId, runStatus, reason, count } }: { readonly tick: Tick }) {
  if (runId !== null)
    return (
      <span className={s.run}>
        <StatusIcon status={runStatus ?? "PENDING"} />
        <Link to="/runs/$runId" params={{ runId }} search={{}} className={`${s.link} mono`}>
          {shortId(runId)}
        </Link>
      </span>
    );
  return (
    <span title={reason ?? undefined}>
      <Note tone={status === "failed" ? "bad" : "quiet"}>
        {status}
        {count !== null && count > 1 && ` ×${count}`}
      </Note>{" "}
      <span className={s.faint}>{reason}</span>
    </span>
  );
}

function whenOf({ cron, timezone, everySeconds }: Schedule) {
  if (cron === null) return `every ${duration((everySeconds ?? 0) * 1000).replace(/ 0[hms]$/, "")}`;
  return (
    <>
      <code>{cron}</code> <span className={s.faint}>{timezone}</span>
    </>
  );
}
