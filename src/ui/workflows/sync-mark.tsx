import { CircleCheck, FileDiff, FileWarning, FileX, type LucideIcon, Minus } from "lucide-react";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";
import { Tip } from "../kit/tooltip.tsx";
import s from "./workflows.module.css";

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

/** How a workflow stands to its file: icon and word, the tooltip says what follows. */
export function SyncMark({
  state,
  origin,
}: {
  readonly state: WorkflowRow["syncState"];
  readonly origin: string;
}) {
  const { word, icon: Icon, tone, says } = SYNC_LOOKS[state];
  return (
    <Tip text={origin === "api" ? says : `${says} · ${origin}`}>
      <span className={s.sync} data-tone={tone}>
        <Icon size={14} aria-hidden />
        {word}
      </span>
    </Tip>
  );
}
