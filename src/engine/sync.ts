import type { AgentsInReach } from "../core/definition/agent-reference.ts";
import { callsIn, type KnownWorkflow } from "../core/definition/calls.ts";
import { isSameDefinition } from "../core/definition/canonical.ts";
import type { Diagnostic } from "../core/definition/diagnostic.ts";
import type { Channel } from "../core/identity/channel.ts";
import { adminEvent } from "./admin-event.ts";
import { sourceOfFile } from "./check-file.ts";
import type { AgentInfo } from "./ports/agent-runner.ts";
import type { EnvironmentFile } from "./ports/definitions.ts";
import type { McpListing, McpRegistry } from "./ports/mcp.ts";
import type { StoredWorkflow } from "./ports/workflows.ts";
import type { Ports } from "./ports.ts";
import { type Checked, publishChecked } from "./publish-workflow.ts";
import { disableWorkflow } from "./switch-workflow.ts";
import { fileAt, type SyncStatePorts } from "./sync-state.ts";
import { inTurns } from "./turns.ts";

export type SyncPorts = SyncStatePorts & Pick<Ports, "clock"> & { readonly mcp: Pick<McpRegistry, "list"> };

export type SyncRow = {
  readonly file: string;
  readonly kind: "agent" | "mcp-server" | "workflow";
  /** The workflow's id or the agent's name, where the file could be read so far. */
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

type SyncRequest = {
  readonly environment: string;
  readonly dryRun: boolean;
  readonly by: string;
  /** `sync` when nobody asked for it. */
  readonly channel: Channel;
};

/** There is no folder of this name: to take that for "all files are gone" would disable everything. */
export type NoFolder = { readonly known: readonly string[] };

/**
 * Makes an environment's workflows what its files say. A deleted file disables, never deletes; an invalid one leaves
 * the version before it running and hides no other; workflows created over the API are left alone, and so is what a
 * person disabled.
 */
export async function syncEnvironment(
  ports: SyncPorts,
  request: SyncRequest,
): Promise<SyncReport | NoFolder> {
  const { environment, dryRun } = request;
  const known = await ports.files.list();
  if (!known.includes(environment)) return { known };
  const files = (await ports.files.read(environment)).filter(({ kind }) => kind === "workflow");
  const agents = await ports.agents.inReach(environment, { fresh: true });
  const stored = new Map((await ports.store.workflows.current(environment)).map((one) => [one.id, one]));
  const read: Read[] = [];
  const turn = inTurns();
  for (const file of files) {
    await turn();
    read.push(await readFile(ports, environment, agents, file, null));
  }
  // Those that call others are looked at once more, when all the others are known.
  const callable = callableOf(read, stored);
  for (const [index, { file, checked }] of read.entries()) {
    await turn();
    if (checked?.definition && callsIn(checked.definition).length > 0)
      read[index] = await readFile(ports, environment, agents, file, callable);
  }
  const owners = ownersOf(read, stored);
  const rows = [...agents.own.map(agentRow), ...serverRows(await ports.mcp.list(environment))];
  const removed = dryRun ? await ports.store.workflows.removed(environment) : NONE;
  for (const one of read) {
    await turn();
    rows.push(await take(ports, request, one, { owners, stored, removed }));
  }
  for (const workflow of stored.values()) {
    const reason = whyGone(workflow, read, owners);
    if (reason === null) continue;
    const { id, origin, version } = workflow;
    const by = { actor: SYNC, channel: request.channel };
    if (!dryRun) await disableWorkflow(ports, environment, id, "file-missing", by);
    rows.push({ file: origin, kind: "workflow", id, result: "disabled", version, reason, diagnostics: [] });
  }
  const report = { environment, dryRun, rows };
  if (!dryRun) await tell(ports, request, report);
  return report;
}

const NONE: ReadonlyMap<string, number> = new Map();

/** What the files are held against: which speaks for an id, what there is, and what there was. */
type Standing = {
  readonly owners: ReadonlyMap<string, string>;
  readonly stored: ReadonlyMap<string, StoredWorkflow>;
  /** Last versions of what was removed, where nothing is changed. */
  readonly removed: ReadonlyMap<string, number>;
};

/** Each changed workflow leaves an event of its own; this one says who asked for all of it, and what was not taken. */
async function tell({ store, clock }: SyncPorts, request: SyncRequest, { rows }: SyncReport): Promise<void> {
  const counts: Record<string, number> = {};
  for (const { kind, result } of rows) if (kind === "workflow") counts[result] = (counts[result] ?? 0) + 1;
  const { environment, by: actor, channel } = request;
  const isNews = Object.keys(counts).some((result) => result !== "unchanged" && result !== "invalid");
  if (!isNews && actor === SYNC) return;
  const what = { action: "environment.synced", environment, subject: `environment:${environment}` };
  await store.adminEvents.append(adminEvent(clock, { actor, channel }, { ...what, data: counts }));
}

/** Whoever asks for a sync, the file's absence is what disables. */
const SYNC = "system:sync";

/** A workflow's file; `checked` where it has a text. */
type Read = { readonly file: EnvironmentFile; readonly checked: Checked | null };

async function readFile(
  ports: SyncPorts,
  environment: string,
  agents: AgentsInReach<AgentInfo>,
  file: EnvironmentFile,
  callable: readonly KnownWorkflow[] | null,
): Promise<Read> {
  if ("problem" in file) return { file, checked: null };
  return { file, checked: await ports.checkFile(environment, agents, file, callable) };
}

/** What the files define, and what was defined before. */
function callableOf(
  read: readonly Read[],
  stored: ReadonlyMap<string, StoredWorkflow>,
): readonly KnownWorkflow[] {
  const known = new Map<string, KnownWorkflow>([...stored].map(([id, { definition }]) => [id, definition]));
  for (const { checked } of read)
    if (checked?.definition) known.set(checked.definition.id, checked.definition);
  return [...known.values()];
}

/** Which file speaks for an id that several define: the one it came from, broken or not, else the first. */
function ownersOf(
  read: readonly Read[],
  stored: ReadonlyMap<string, StoredWorkflow>,
): ReadonlyMap<string, string> {
  const broken = read.filter(({ checked }) => validId(checked) === null).map(({ file }) => file);
  const owners = new Map<string, string>();
  for (const { file, checked } of read) {
    const id = validId(checked);
    if (id === null) continue;
    const origin = stored.get(id)?.origin ?? "";
    if (fileAt(broken, origin)) owners.set(id, origin);
    else if (!owners.has(id) || origin === file.path) owners.set(id, file.path);
  }
  return owners;
}

function validId(checked: Checked | null): string | null {
  return checked?.definition && checked.errors.length === 0 ? checked.definition.id : null;
}

async function take(
  ports: SyncPorts,
  { environment, dryRun, by, channel }: SyncRequest,
  { file, checked }: Read,
  { owners, stored, removed }: Standing,
): Promise<SyncRow> {
  const { path } = file;
  if ("problem" in file || checked === null)
    return invalid(path, null, "problem" in file ? [file.problem] : []);
  const { definition, errors, warnings } = checked;
  if (!definition || errors.length > 0)
    return invalid(path, definition?.id ?? null, [...errors, ...warnings]);
  const { id } = definition;
  const owner = owners.get(id);
  if (owner !== path) return invalid(path, id, warnings, `"${id}" is already defined by ${owner}`);
  const current = stored.get(id);
  if (current?.origin === "api")
    return invalid(
      path,
      id,
      warnings,
      `"${id}" was created over the API: delete it there, or rename the workflow`,
    );
  const row = {
    file: path,
    kind: "workflow",
    id,
    reason: whyResting(current),
    diagnostics: warnings,
  } as const;
  const isBack = current?.disabled?.because === "file-missing";
  const isSame = current !== undefined && isSameDefinition(current.definition, definition);
  if (isSame && !isBack && current.source === file.text && current.origin === path)
    return { ...row, result: "unchanged", version: current.version };
  if (dryRun) {
    if (!current) return { ...row, result: "created", version: (removed.get(id) ?? 0) + 1 };
    if (!isSame) return { ...row, result: "updated", version: current.version + 1 };
    return { ...row, result: isBack ? "enabled" : "unchanged", version: current.version };
  }
  const source = sourceOfFile(file);
  const published = await publishChecked(ports, checked, { environment, source, origin: path, by, channel });
  switch (published.status) {
    case "created":
    case "updated":
    case "unchanged":
    case "enabled":
      return { ...row, result: published.status, version: published.workflow.version };
    case "invalid":
    case "exists":
    case "absent":
    case "version-mismatch":
      return invalid(path, id, warnings, `not taken: ${published.status}`);
  }
}

/** What a person disabled stays so, and whoever looks at the sync is told. */
function whyResting(current: StoredWorkflow | undefined): string | null {
  if (!current || current.enabled || current.disabled?.because === "file-missing") return null;
  return `stays disabled: ${current.disabled ? `${current.disabled.by} disabled it` : "it was disabled by hand"}`;
}

/** Why no file speaks for a workflow any more; `null` while one does, or when it does not matter. */
function whyGone(
  { id, origin, enabled }: StoredWorkflow,
  read: readonly Read[],
  owners: ReadonlyMap<string, string>,
): string | null {
  if (origin === "api" || !enabled || owners.has(id)) return null;
  const file = fileAt(
    read.map((one) => one.file),
    origin,
  );
  if (!file) return "its file is gone; its runs and versions stay";
  const other = validId(read.find((one) => one.file === file)?.checked ?? null);
  return other === null ? null : `its file defines "${other}" now; its runs and versions stay`;
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

function agentRow({ file, name, problems }: AgentInfo): SyncRow {
  const isBroken = problems.some(({ severity }) => severity === "error");
  const result = isBroken ? "invalid" : "ok";
  return { file, kind: "agent", id: name, result, version: null, reason: null, diagnostics: problems };
}

function invalid(
  file: string,
  id: string | null,
  diagnostics: readonly Diagnostic[],
  reason: string | null = null,
): SyncRow {
  return { file, kind: "workflow", id, result: "invalid", version: null, reason, diagnostics };
}
