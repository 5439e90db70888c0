import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { CircleSlash, FileText, Play, Power } from "lucide-react";
import { api } from "../api.ts";
import { plural } from "../format.ts";
import { keyOf, useKeys } from "../keys.ts";
import { Note } from "../kit/badge.tsx";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Tabs } from "../kit/tabs.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { useSystem, useWhyNot } from "../system.ts";
import { DefinitionTab } from "./definition-tab.tsx";
import { OverviewTab } from "./overview-tab.tsx";
import { RunsTab } from "./runs-tab.tsx";
import { openStart } from "./start/open-start.ts";
import { switchWorkflow } from "./switch-workflow.ts";
import { FileLine } from "./sync/file-line.tsx";
import { SyncMark } from "./sync/sync-mark.tsx";
import { VersionsTab } from "./versions/versions-tab.tsx";
import { showFile } from "./workflow-file.ts";
import { WORKFLOW_TABS, type WorkflowTab } from "./workflow-search.ts";

/** `/workflows/$workflowId`: what it does, how it ran, its text, and how it came to be what it is. */
export function WorkflowPage() {
  const { workflowId } = useParams({ from: "/workflows/$workflowId" });
  const search = useSearch({ from: "/workflows/$workflowId" });
  const navigate = useNavigate({ from: "/workflows/$workflowId" });
  const { environment } = search;
  const query = useQuery({
    queryKey: ["workflows", "page", workflowId, environment ?? null],
    queryFn: () => api.getWorkflow({ params: { id: workflowId }, query: environment ? { environment } : {} }),
  });
  const workflow = query.data;
  const watched = useSystem().data?.watched ?? null;
  useTitle(workflow?.name ?? workflowId);
  const go = (tab: WorkflowTab) =>
    void navigate({ search: { ...(environment && { environment }), ...(tab !== "overview" && { tab }) } });
  const at = environment ?? "default";
  const mayNotChange = useWhyNot("workflows:write", at);
  const mayNotRun = useWhyNot("runs:write", at);
  const run = () => openStart({ workflowId, environment });
  useKeys({
    "workflow.run": mayNotRun === null ? run : null,
    "workflow.edit": workflow ? () => void showFile(workflow, watched) : null,
    "workflow.toggle": workflow && mayNotChange === null ? () => void switchWorkflow(workflow) : null,
    "view.1": () => go("overview"),
    "view.2": () => go("runs"),
    "view.3": () => go("definition"),
    "view.4": () => go("versions"),
  });
  const crumbs = [
    { label: "Workflows", link: { to: "/workflows", search: environment ? { environment } : {} } as const },
  ];
  if (!workflow)
    return (
      <>
        <PageHeader crumbs={crumbs} title={workflowId} mono />
        {query.isError ? (
          <ErrorPanel
            what="The workflow could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
            target={`/api/v1/workflows/${encodeURIComponent(workflowId)}`}
          />
        ) : (
          <SkeletonRows label="Loading the workflow" />
        )}
      </>
    );
  const isActive = workflow.status === "active";
  const { errors, warnings } = workflow.validation;
  const content: Readonly<Record<WorkflowTab, React.ReactNode>> = {
    overview: <OverviewTab workflow={workflow} search={search} />,
    runs: <RunsTab workflow={workflow} search={search} />,
    definition: <DefinitionTab workflow={workflow} place={search.state} />,
    versions: <VersionsTab workflow={workflow} search={search} />,
  };
  return (
    <>
      <StaleNote />
      <PageHeader
        crumbs={crumbs}
        title={workflow.name}
        status={
          <>
            <code>{workflowId}</code>
            <CopyButton text={workflowId} name="Copy id" />
            <Note>v{workflow.version}</Note>
            {isActive ? <Note tone="good">Active</Note> : <Note>Disabled</Note>}
            {errors.length + warnings.length === 0 && workflow.syncState !== "invalid" && (
              <Note tone="good">Valid</Note>
            )}
            {errors.length > 0 && <Note tone="bad">{plural(errors.length, "error")}</Note>}
            {warnings.length > 0 && <Note>{plural(warnings.length, "warning")}</Note>}
            <SyncMark workflow={workflow} />
          </>
        }
        actions={
          <>
            {workflow.origin !== "api" && (
              <Button
                icon={FileText}
                shortcut={keyOf("workflow.edit")}
                onClick={() => void showFile(workflow, watched)}
              >
                {watched === null ? "Its file" : "Edit"}
              </Button>
            )}
            <Button
              icon={isActive ? CircleSlash : Power}
              shortcut={keyOf("workflow.toggle")}
              disabledBecause={mayNotChange}
              onClick={() => void switchWorkflow(workflow)}
            >
              {isActive ? "Disable" : "Enable"}
            </Button>
            <Button
              look="primary"
              icon={Play}
              shortcut={keyOf("workflow.run")}
              disabledBecause={mayNotRun ?? (isActive ? null : "It is disabled: enable it to run it")}
              onClick={run}
            >
              Run
            </Button>
          </>
        }
      />
      <FileLine workflow={workflow} />
      <Tabs
        label="Workflow"
        value={search.tab ?? "overview"}
        onChange={go}
        tabs={WORKFLOW_TABS.map((value) => ({ value, label: LABELS[value], content: content[value] }))}
      />
    </>
  );
}

const LABELS: Readonly<Record<WorkflowTab, string>> = {
  overview: "Overview",
  runs: "Runs",
  definition: "Definition",
  versions: "Versions",
};
