import { useQuery } from "@tanstack/react-query";
import type { StepId } from "../../core/run/ids.ts";
import { api } from "../api.ts";
import { plural } from "../format.ts";
import { Button } from "../kit/button.tsx";
import { useIsPhone } from "../kit/use-is-phone.ts";
import s from "./failed-log.module.css";
import { useAgentRuns } from "./inspector/use-transcripts.ts";
import { lastLines } from "./model/last-lines.ts";

const MOST_LINES = 5;

/** How the log of the agent ends at whose last attempt a step failed; nothing where none was kept. */
export function FailedLog({
  runId,
  stepId,
  onShowAll,
}: {
  readonly runId: string;
  readonly stepId: StepId;
  readonly onShowAll: () => void;
}) {
  const isPhone = useIsPhone();
  const agents = useAgentRuns(runId, stepId, {}).data?.items.filter(({ parentId }) => parentId === null);
  const agentRunId = agents?.toSorted((a, b) => a.attempt - b.attempt).at(-1)?.agentRunId ?? "";
  const { data } = useQuery({
    queryKey: ["run", runId, "agents", stepId, agentRunId],
    queryFn: () => api.getAgentRun({ params: { agentRunId } }),
    enabled: agentRunId !== "",
  });
  const lines = data ? lastLines(data, MOST_LINES) : [];
  if (!data || lines.length === 0) return null;
  return (
    <details className={s.log} open={!isPhone}>
      <summary className={s.summary}>
        {lines.length < MOST_LINES ? "Its log" : `Last ${plural(MOST_LINES, "line")} of its log`}, attempt{" "}
        {data.attempt}
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre className={s.lines} tabIndex={0} role="region" aria-label="Last lines of the log">
        {lines.join("\n")}
      </pre>
      <Button onClick={onShowAll}>Show all of it</Button>
    </details>
  );
}
