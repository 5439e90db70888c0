import { isSameDefinition } from "../core/definition/canonical.ts";
import type { Diagnostic } from "../core/definition/diagnostic.ts";
import type { McpListing, McpRegistry } from "./ports/mcp.ts";
import type { DefinitionSource, EnvironmentFiles, Ports } from "./ports.ts";

import { checkWorkflow, publishWorkflow } from "./publish-workflow.ts";

export type SyncPorts = Pick<
  Ports,
  "store" | "clock" | "definitions" | "expressions" | "schemas" | "agents"
> & {
  readonly files: EnvironmentFiles;
  readonly mcp: Pick<McpRegistry, "list">;
};

export type SyncRow = {
  readonly file: string;
  readonly kind: "agent" | "mcp-server" | "workflow";
  /** The workflow's id or the name of the agent or server, where the file could be read so far. */
  readonly id: string | null;
  readonly result: "created" | "updated" | "unchanged" | "enabled" | "disabled" | "invalid" | "ok";
  readonly version: number | null;
  readonly reason: string | null;
  readonly diagnostics: readonly Diagnostic[];
};

export type SyncReport = {
  readonly environment: string;
  readonly dryRun: boolean;
  readonly rows: readonly SyncRow[];
};

/**
 * Makes an environment's workflows what its files say. A deleted file disables, never deletes; an invalid one leaves
 * the version before it running and hides no other; workflows created over the API are left alone.
 */
export async function syncEnvironment(
  ports: SyncPorts,
  { environment, dryRun, by }: { environment: string; dryRun: boolean; by: string },
): Promise<SyncReport> {
  const rows: SyncRow[] = [];
  const files = await ports.files.read(environment);
  for (const agent of await ports.agents.list(environment)) {
    const isBroken = agent.problems.some(({ severity }) => severity === "error");
    const result = isBroken ? "invalid" : "ok";
    rows.push({
      file: agent.file,
      kind: "agent",
      id: agent.name,
      result,
      version: null,
      reason: null,
      diagnostics: agent.problems,
    });
  }
  rows.push(...serverRows(await ports.mcp.list(environment)));
  const seen = new Map<string, string>();
  const present = new Set<string>();
  for (const file of files.filter(({ kind }) => kind === "workflow")) {
    present.add(file.path);
    const row =
      "problem" in file
        ? invalid(file.path, null, [file.problem])
        : await syncFile(ports, environment, file, { dryRun, by, seen });
    rows.push(row);
  }
  for (const workflow of await ports.store.workflows.list(environment)) {
    const { id, origin, enabled, version } = workflow;
    if (origin === "api" || present.has(origin) || !enabled) continue;
    if (!dryRun) await ports.store.workflows.setEnabled(environment, id, false, ports.clock.now());
    const reason = "its file is gone; its runs and versions stay";
    rows.push({ file: origin, kind: "workflow", id, result: "disabled", version, reason, diagnostics: [] });
  }
  return { environment, dryRun, rows };
}

/** A row per usable server and one per file with errors; a variable that is missing here may be set elsewhere. */
function serverRows({ servers, problems }: McpListing): readonly SyncRow[] {
  const row = { kind: "mcp-server", version: null, reason: null } as const;
  const byFile = Map.groupBy(problems, ({ file }) => file);
  const broken = [...byFile].filter(([, found]) => found.some(({ severity }) => severity === "error"));
  return [
    ...servers.map(({ name, file, missing, place }): SyncRow => {
      const unset = missing.map(
        (variable): Diagnostic => ({
          code: "UNKNOWN_NAME",
          severity: "warning",
          path: "",
          ...place,
          message: `MCP server "${name}" needs the variable ${variable}, which is not set here`,
          hint: "set it in the environment of the processes that run agents, or in variables.yml",
        }),
      );
      const said = broken.some(([other]) => other === file) ? [] : (byFile.get(file) ?? []);
      return { ...row, file, id: name, result: "ok", diagnostics: [...said, ...unset] };
    }),
    ...broken.map(
      ([file, diagnostics]): SyncRow => ({ ...row, file, id: null, result: "invalid", diagnostics }),
    ),
  ];
}

async function syncFile(
  ports: SyncPorts,
  environment: string,
  file: { readonly path: string; readonly text: string },
  { dryRun, by, seen }: { dryRun: boolean; by: string; seen: Map<string, string> },
): Promise<SyncRow> {
  const { path } = file;
  const source = sourceOfFile(file);
  const { definition, errors, warnings } = await checkWorkflow(ports, environment, source);
  if (!definition || errors.length > 0)
    return invalid(path, definition?.id ?? null, [...errors, ...warnings]);
  const { id } = definition;
  const other = seen.get(id);
  seen.set(id, path);
  if (other !== undefined) return invalid(path, id, [], `"${id}" is already defined by ${other}`);
  const stored = await ports.store.workflows.get(environment, id);
  if (stored?.origin === "api")
    return invalid(path, id, [], `"${id}" was created over the API: delete it there, or rename the workflow`);
  const row = { file: path, kind: "workflow", id, reason: null, diagnostics: warnings } as const;
  if (dryRun) {
    const isSame = stored !== null && isSameDefinition(stored.definition, definition);
    if (!stored) return { ...row, result: "created", version: 1 };
    if (!isSame) return { ...row, result: "updated", version: stored.version + 1 };
    return { ...row, result: stored.enabled ? "unchanged" : "enabled", version: stored.version };
  }
  const published = await publishWorkflow(ports, { environment, source, origin: path, by });
  switch (published.status) {
    case "created":
    case "updated":
    case "unchanged":
    case "enabled":
      return { ...row, result: published.status, version: published.workflow.version };
    case "invalid":
    case "wrong-id":
    case "exists":
    case "absent":
    case "version-mismatch":
      return invalid(path, id, warnings, `not taken: ${published.status}`);
  }
}

/** A workflow file as what is read and checked. */
export function sourceOfFile({
  path,
  text,
}: {
  readonly path: string;
  readonly text: string;
}): DefinitionSource {
  return { text, format: path.endsWith(".json") ? "json" : "yaml", file: path };
}

function invalid(
  file: string,
  id: string | null,
  diagnostics: readonly Diagnostic[],
  reason: string | null = null,
): SyncRow {
  return { file, kind: "workflow", id, result: "invalid", version: null, reason, diagnostics };
}
