import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import type { System } from "../../http/schemas/overview.ts";
import type { SyncReport } from "../../http/schemas/system.ts";
import { api, queryClient } from "../api.ts";
import { plural } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { Button } from "../kit/button.tsx";
import { ErrorPanel, whyOf } from "../kit/error-panel.tsx";
import { PageBody } from "../kit/page.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { say } from "../kit/toast.ts";
import { useRights, useSystem } from "../system.ts";
import { PlainTable } from "./plain-table.tsx";
import s from "./settings.module.css";
import { useAct } from "./use-act.ts";
import { WATCHED } from "./watched.ts";

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
  const { areKnown, whyNot } = useRights();
  const mayNot = whyNot("workflows:write", name);
  const plan = useQuery({
    queryKey: ["workflows", "sync", name],
    queryFn: () => api.sync({ body: { environment: name, dryRun: true } }),
    enabled: hasFiles && areKnown && mayNot === null,
    ...WATCHED,
    retry: false,
  });
  const { act, isBusy, failure } = useAct();
  const sync = () =>
    act(async () => {
      const { rows } = await api.sync({ body: { environment: name } });
      const changed = rows.filter(({ result }) => CHANGES.has(result)).length;
      say(
        changed === 0 ? `${name} is as its files say` : `${name}: ${plural(changed, "workflow")} changed`,
        "success",
      );
      await queryClient.invalidateQueries({ queryKey: ["workflows"] });
    });
  const rows = plan.data?.rows.filter(({ result }) => result !== "unchanged" && result !== "ok") ?? [];
  return (
    <Panel
      title={name}
      more={
        <span className={s.actions}>
          <Link to="/workflows" search={name === "default" ? {} : { environment: name }}>
            {plural(workflows, "workflow")}
          </Link>
          {hasFiles && (
            <Button icon={RefreshCw} disabledBecause={mayNot} onClick={() => void sync()}>
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
      ) : mayNot !== null ? (
        <Quiet>What its files would change is not for you to see: {mayNot}</Quiet>
      ) : plan.isError ? (
        <Quiet>What its files would change cannot be told: {whyOf(plan.error)}</Quiet>
      ) : plan.isPending ? (
        <SkeletonRows rows={1} label="Reading its files" />
      ) : rows.length === 0 ? (
        <Quiet>In sync: everything is as its {plural(plan.data.rows.length, "file")} say.</Quiet>
      ) : (
        <Plan rows={rows} />
      )}
    </Panel>
  );
}

const CHANGES: ReadonlySet<string> = new Set(["created", "updated", "enabled", "disabled"]);

/** What a sync would do, file by file. */
function Plan({ rows }: { readonly rows: SyncReport["rows"] }) {
  return (
    <PlainTable heads={["File", "A sync", "~Because"]} hasActions={false}>
      {rows.map(({ file, id, result, reason, diagnostics }) => (
        <tr key={file}>
          <td>
            <code>{file}</code> <span className={s.faint}>{id}</span>
          </td>
          <td>
            <Note tone={result === "invalid" ? "bad" : "quiet"}>{WILL[result]}</Note>
          </td>
          <td data-phone="hide">
            {reason ?? (diagnostics[0] && `line ${diagnostics[0].line}: ${diagnostics[0].message}`) ?? ""}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

const WILL: Readonly<Record<SyncReport["rows"][number]["result"], string>> = {
  created: "creates it",
  updated: "updates it",
  enabled: "enables it",
  disabled: "disables it",
  invalid: "leaves it: invalid",
  unchanged: "changes nothing",
  ok: "changes nothing",
};
