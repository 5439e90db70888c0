import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { WorkflowRow } from "../../../http/schemas/workflows.ts";
import { api } from "../../api.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { ErrorPanel, whyOf } from "../../kit/error-panel.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { Segmented } from "../../kit/tabs.tsx";
import { plannedOf, SyncPlan } from "../../settings/sync-plan.tsx";
import { useAct } from "../../settings/use-act.ts";
import { useWhyNot } from "../../system.ts";
import { SemanticDiff } from "../versions/semantic-diff.tsx";
import { TextDiff } from "../versions/text-diff.tsx";
import { syncFiles } from "../workflow-file.ts";
import s from "./sync.module.css";
import { LOOK_MS, useSyncPreview } from "./use-sync-preview.ts";

/** What a dialog about a sync knows of the workflow from which it was asked for. */
export type Synced = Pick<WorkflowRow, "id" | "environment" | "version" | "origin" | "syncState">;

/** Shows what an environment's files would change, the workflow's own first, and reads them in. */
export function SyncDialog({
  workflow,
  onClose,
}: {
  readonly workflow: Synced;
  readonly onClose: () => void;
}) {
  const { id, environment, version, origin } = workflow;
  const [isNewer] = useState(workflow.syncState === "file-newer");
  const mayNot = useWhyNot("workflows:write", environment);
  const diff = useQuery({
    queryKey: ["workflows", "file diff", environment, id],
    queryFn: () => api.diffWorkflowFile({ params: { id }, query: { environment } }),
    enabled: isNewer,
    refetchInterval: LOOK_MS,
    retry: false,
  });
  const preview = useSyncPreview(environment);
  const plan = preview.data && plannedOf(preview.data.rows);
  const [as, setAs] = useState<"meaning" | "text">("meaning");
  const { act, isBusy, failure } = useAct();
  const sync = () =>
    act(async () => {
      // What was shown is what is done.
      const [text, rows] = await Promise.all([isNewer ? diff.refetch() : diff, preview.refetch()]);
      const isShown =
        text.data?.text === diff.data?.text &&
        JSON.stringify(plannedOf(rows.data?.rows ?? [])) === JSON.stringify(plan);
      if (!isShown) throw new Error("The files have changed meanwhile. This is what they say now.");
      await syncFiles(environment);
      onClose();
    });
  const notShown = plan && (!isNewer || diff.data) ? null : "What it would change is not known yet";
  const others = plan?.filter(({ file }) => !isNewer || file !== origin) ?? [];
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      scrolls
      title={`Sync ${environment}?`}
      description={`A sync reads in every file of ${environment}: what a file says becomes the current version.`}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledBecause={mayNot ?? notShown} onClick={() => void sync()}>
            {isBusy ? "Syncing…" : "Sync now"}
          </Button>
        </>
      }
    >
      <div className={s.plan}>
        {isNewer && (
          <>
            <div className={s.head}>
              <h3 className={s.title}>
                v{version} → <code>{origin}</code>
              </h3>
              <Segmented
                label="Differences"
                value={as}
                onChange={setAs}
                choices={[
                  { value: "meaning", label: "Meaning" },
                  { value: "text", label: "Text" },
                ]}
              />
            </div>
            {diff.data ? (
              as === "text" ? (
                <TextDiff text={diff.data.text} from={diff.data.from} to={diff.data.to} />
              ) : (
                <SemanticDiff diff={diff.data} />
              )
            ) : diff.isError ? (
              <ErrorPanel what="The differences could not be loaded" error={diff.error} />
            ) : (
              <SkeletonRows rows={3} label="Loading the differences" />
            )}
          </>
        )}
        {others.length > 0 ? (
          <>
            <h3 className={s.title}>{isNewer ? "And of its other files" : "What its files change"}</h3>
            <SyncPlan rows={others} />
          </>
        ) : preview.isError ? (
          <p className={s.wrong}>What its files would change cannot be told: {whyOf(preview.error)}</p>
        ) : (
          plan && (
            <p className={s.faint}>
              {isNewer
                ? "No other file changes anything."
                : `Everything is as the files of ${environment} say.`}
            </p>
          )
        )}
        {failure !== null && (
          <p className={s.wrong} role="alert">
            {failure}
          </p>
        )}
      </div>
    </Dialog>
  );
}
