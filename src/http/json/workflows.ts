import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import type { FlowReport } from "../../core/definition/flow/report.ts";
import { isoTime } from "../../core/time.ts";
import type { AgentInfo } from "../../engine/ports/agent-runner.ts";
import type { Ended, FiguredWorkflow, StoredWorkflow } from "../../engine/ports/workflows.ts";
import type { SyncState } from "../../engine/sync-state.ts";
import type { Agent, UsedBy } from "../schemas/system.ts";
import type { DataFlow, Validation, Workflow, WorkflowRow } from "../schemas/workflows.ts";
import { timeOrNull } from "./runs.ts";

type Findings = { readonly errors: readonly Diagnostic[]; readonly warnings: readonly Diagnostic[] };

/** What is wrong with a definition. */
export function validationJson({ errors, warnings }: Findings): Validation {
  return { errors: [...errors], warnings: [...warnings] };
}

/** How the data of a definition flows; `null` when its text cannot be understood. */
export function reportJson(report: FlowReport | null): DataFlow | null {
  if (!report) return null;
  const edges = report.edges.map((edge) => ({ ...edge, reasons: [...edge.reasons] }));
  return { edges, isComplete: report.isComplete };
}

/** A workflow at one version, with what is wrong with it as things are now. */
export function workflowJson(workflow: StoredWorkflow, findings: Findings, syncState: SyncState): Workflow {
  const { definition } = workflow;
  return {
    ...identity(workflow, definition.name, definition.description ?? null, syncState),
    definition,
    source: workflow.source,
    sourceFormat: workflow.sourceFormat,
    validation: validationJson(findings),
  };
}

/** A row of the list of workflows. */
export function workflowRow(summary: FiguredWorkflow, syncState: SyncState): WorkflowRow {
  return {
    ...identity(summary, summary.name, summary.description, syncState),
    lastRunAt: timeOrNull(summary.lastRuns[0]?.createdAt ?? null),
    lastStatus: summary.lastRuns[0]?.status ?? null,
    lastRuns: summary.lastRuns.map(({ runId, status, createdAt, finishedAt }) => ({
      runId,
      status,
      createdAt: isoTime(createdAt),
      finishedAt: timeOrNull(finishedAt),
    })),
    ...endedJson(summary),
    p50Ms: summary.p50Ms,
  };
}

/** How a workflow's runs ended lately. */
export function endedJson({ ended30d }: Pick<FiguredWorkflow, "ended30d">) {
  return { ended30d, successRate30d: successRate(ended30d) };
}

/** The share that went well of what came to an end by itself: a person's no, or word to stop, is no failure. */
function successRate({ completed, failed }: Ended): number | null {
  return completed + failed === 0 ? null : completed / (completed + failed);
}

/** An agent of an environment, with the workflows that name it. */
export function agentJson(agent: AgentInfo, usedBy: UsedBy): Agent {
  return {
    name: agent.name,
    aliases: [...agent.aliases],
    file: agent.file,
    description: agent.description,
    model: agent.model,
    simulated: agent.simulated,
    inputSchema: agent.inputSchema,
    outputSchema: agent.outputSchema,
    tools: [...agent.tools],
    agents: [...agent.agents],
    usedBy,
    problems: [...agent.problems],
  };
}

function identity(
  workflow: Omit<StoredWorkflow, "definition" | "source">,
  name: string,
  description: string | null,
  syncState: SyncState,
) {
  return {
    id: workflow.id,
    version: workflow.version,
    name,
    description,
    status: workflow.enabled ? ("active" as const) : ("disabled" as const),
    disabled: workflow.disabled,
    environment: workflow.environment,
    origin: workflow.origin,
    syncState,
    createdAt: isoTime(workflow.createdAt),
    updatedAt: isoTime(workflow.updatedAt),
  };
}
