import { Download, FileDiff, FileWarning, FileX, RefreshCw } from "lucide-react";
import { useState } from "react";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { Button, ButtonRow } from "../../kit/button.tsx";
import { restoreFile } from "../workflow-file.ts";
import s from "./sync.module.css";
import { SyncDialog } from "./sync-dialog.tsx";
import { untakenAt, whyUntaken } from "./untaken.ts";
import { useSyncPreview } from "./use-sync-preview.ts";

/** Where a workflow is not as its file says: how so, and what can be done about it. */
export function FileLine({ workflow }: { readonly workflow: Workflow }) {
  const { environment, origin, version, status, syncState } = workflow;
  const [isAsking, setAsking] = useState(false);
  const { data } = useSyncPreview(environment, syncState === "invalid");
  const file = <code>{origin}</code>;
  const dialog = isAsking && <SyncDialog workflow={workflow} onClose={() => setAsking(false)} />;
  switch (syncState) {
    case "invalid": {
      const row = data && untakenAt(data.rows, origin);
      return (
        <section className={s.line} data-tone="bad" aria-label="Its file">
          <FileWarning size={15} className={s.sign} aria-hidden />
          <p>
            {file} is not taken, and v{version} stays the current one{row ? `: ${whyUntaken(row)}` : "."}
          </p>
        </section>
      );
    }
    case "file-newer":
      return (
        <section className={s.line} data-tone="person" aria-label="Its file">
          <FileDiff size={15} className={s.sign} aria-hidden />
          <p>
            {file} says something else than v{version}.
          </p>
          <Button onClick={() => setAsking(true)}>Show what it changes…</Button>
          {dialog}
        </section>
      );
    case "file-missing":
      return (
        <section className={s.line} data-tone="bad" aria-label="Its file">
          <FileX size={15} className={s.sign} aria-hidden />
          <p>
            {file} is gone
            {status === "active"
              ? ": the next sync disables it."
              : ": it is disabled until the file is back."}
          </p>
          <ButtonRow>
            <Button icon={Download} onClick={() => void restoreFile(workflow)}>
              Restore its file
            </Button>
            <Button icon={RefreshCw} onClick={() => setAsking(true)}>
              Sync now…
            </Button>
          </ButtonRow>
          {dialog}
        </section>
      );
    case "in-sync":
    case "none":
      return null;
  }
}
