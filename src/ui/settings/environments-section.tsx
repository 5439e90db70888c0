import { Link } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import type { System } from "../../http/schemas/overview.ts";
import { plural } from "../format.ts";
import { Button } from "../kit/button.tsx";
import { ErrorPanel, whyOf } from "../kit/error-panel.tsx";
import { PageBody } from "../kit/page.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { useRights, useSystem } from "../system.ts";
import { useSyncPreview } from "../workflows/sync/use-sync-preview.ts";
import { syncFiles } from "../workflows/workflow-file.ts";
import s from "./settings.module.css";
import { plannedOf, SyncPlan } from "./sync-plan.tsx";
import { useAct } from "./use-act.ts";

/** What each environment has, and what its files would change. */
export function EnvironmentsSection() {
  const { data, isError, error, refetch } = useSystem();
  if (!data)
    return isError ? (
      <ErrorPanel
        what="The environments could not be loaded"
        error={error}
        onRetry={() => void refetch()}
        target="/api/v1/system"
      />
    ) : (
      <SkeletonRows rows={3} label="Loading environments" />
    );
  return (
    <PageBody label="Environments">
      <div className={s.stack}>
        {data.environments.map((environment) => (
          <Environment key={environment.name} environment={environment} />
        ))}
        {data.environments.length === 0 && <Quiet>There is no environment that you may look into.</Quiet>}
      </div>
    </PageBody>
  );
}

function Environment({
  environment: { name, hasFiles, workflows },
}: {
  readonly environment: System["environments"][number];
}) {
  const { whyNot } = useRights();
  const mayNot = whyNot("workflows:write", name);
  const mayNotSee = whyNot("runs:read", name);
  const plan = useSyncPreview(name);
  const { act, isBusy, failure } = useAct();
  const rows = plannedOf(plan.data?.rows ?? []);
  return (
    <Panel
      title={name}
      more={
        <span className={s.actions}>
          <Link to="/workflows" search={name === "default" ? {} : { environment: name }}>
            {plural(workflows, "workflow")}
          </Link>
          {hasFiles && (
            <Button icon={RefreshCw} disabledBecause={mayNot} onClick={() => void act(() => syncFiles(name))}>
              {isBusy ? "Syncing…" : "Sync now"}
            </Button>
          )}
        </span>
      }
    >
      {failure && (
        <p className={s.wrongLine} role="alert">
          {failure}
        </p>
      )}
      {!hasFiles ? (
        <Quiet>This server has no folder of it: its workflows came over the API.</Quiet>
      ) : mayNotSee !== null ? (
        <Quiet>What its files would change is not for you to see: {mayNotSee}</Quiet>
      ) : plan.isError ? (
        <Quiet>What its files would change cannot be told: {whyOf(plan.error)}</Quiet>
      ) : plan.isPending ? (
        <SkeletonRows rows={1} label="Reading its files" />
      ) : rows.length === 0 ? (
        <Quiet>In sync: everything is as its {plural(plan.data.rows.length, "file")} say.</Quiet>
      ) : (
        <SyncPlan rows={rows} />
      )}
    </Panel>
  );
}
