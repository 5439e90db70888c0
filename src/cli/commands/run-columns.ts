import type { RunRow } from "../../http/schemas/runs.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";
import { STATUS } from "../terminal/status.ts";
import { duration, moment } from "../terminal/time.ts";

/** How runs are listed. */
export function runColumns(session: Session): readonly Column<RunRow>[] {
  const now = session.deps.now();
  return [
    {
      title: "status",
      value: ({ status }) => status,
      shown: ({ status }, look) => `${look.glyph(status)} ${STATUS[status].word}`,
    },
    { title: "run", value: ({ runId }) => runId },
    { title: "workflow", value: ({ workflowId, workflowVersion }) => `${workflowId} v${workflowVersion}` },
    {
      title: "started",
      value: ({ createdAt }) => moment(Date.parse(createdAt), now, session.time),
      optional: 3,
    },
    { title: "duration", value: (row) => lasted(row, now), align: "right", optional: 1 },
    { title: "by", value: ({ startedBy }) => startedBy, optional: 4 },
    { title: "", value: ({ simulated }) => (simulated ? "simulated" : ""), style: "dim", optional: 2 },
  ];
}

function lasted({ startedAt, finishedAt }: RunRow, now: number): string {
  if (startedAt === null) return "";
  return duration((finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt));
}
