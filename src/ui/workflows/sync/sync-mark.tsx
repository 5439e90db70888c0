import { Link } from "@tanstack/react-router";
import { CircleCheck, FileDiff, FileWarning, FileX, type LucideIcon, Minus } from "lucide-react";
import type { WorkflowRow } from "../../../http/schemas/workflows.ts";
import { Tip } from "../../kit/tooltip.tsx";
import s from "../workflows.module.css";
import { untakenAt, whyUntaken } from "./untaken.ts";
import { useSyncPreview } from "./use-sync-preview.ts";

type Look = {
  readonly word: string;
  readonly icon: LucideIcon;
  readonly tone: string;
  readonly says: string;
};

/** How each state is shown. */
export const SYNC_LOOKS: Readonly<Record<WorkflowRow["syncState"], Look>> = {
  "in-sync": { word: "In sync", icon: CircleCheck, tone: "quiet", says: "As in its file" },
  "file-newer": {
    word: "File is newer",
    icon: FileDiff,
    tone: "person",
    says: "The file has another text; the next sync makes it the current version",
  },
  "file-missing": {
    word: "File missing",
    icon: FileX,
    tone: "bad",
    says: "The file is gone; the workflow is disabled until it is back",
  },
  invalid: {
    word: "File is invalid",
    icon: FileWarning,
    tone: "bad",
    says: "The file has errors; this version stays the current one",
  },
  none: { word: "No file", icon: Minus, tone: "quiet", says: "Made through the API, not from a file" },
};

/**
 * How a workflow stands to its file: icon and word, the tooltip says what follows and, of a broken file, what is wrong.
 * `leads`: to where something can be done about it, if there is anything.
 */
export function SyncMark({
  workflow: { id, syncState, origin, environment },
  leads = false,
}: {
  readonly workflow: Pick<WorkflowRow, "id" | "syncState" | "origin" | "environment">;
  readonly leads?: boolean;
}) {
  const { word, icon: Icon, tone, says } = SYNC_LOOKS[syncState];
  const { data } = useSyncPreview(environment, syncState === "invalid");
  const untaken = syncState === "invalid" && data ? untakenAt(data.rows, origin) : undefined;
  const where = origin === "api" ? "" : ` · ${origin}`;
  const mark = (
    <>
      <Icon size={14} aria-hidden />
      {word}
    </>
  );
  const isFine = syncState === "in-sync" || syncState === "none";
  return (
    <Tip text={`${says}${where}${untaken ? ` · ${whyUntaken(untaken)}` : ""}`}>
      {leads && !isFine ? (
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId: id }}
          search={{
            ...(environment !== "default" && { environment }),
            ...(syncState === "invalid" && { tab: "definition" as const }),
          }}
          className={s.sync}
          data-tone={tone}
        >
          {mark}
        </Link>
      ) : (
        <span className={s.sync} data-tone={tone}>
          {mark}
        </span>
      )}
    </Tip>
  );
}
