import { hash } from "node:crypto";
import { definitionDigest, isSameDefinition } from "../../core/definition/canonical.ts";
import type { Definition } from "../../core/definition/types.ts";
import type { AdminEvent } from "../../engine/ports/admin-events.ts";
import type {
  Publication,
  PublishResult,
  StoredWorkflow,
  WorkflowStore,
  WorkflowVersion,
} from "../../engine/ports/workflows.ts";
import type { Clock } from "../../engine/ports.ts";
import { adding } from "./admin-events.ts";
import { answerCells, forgetting, ONCE_COLUMNS } from "./answered.ts";
import { type Cells, type Database, isConstraint, type Query, select } from "./database.ts";
import type { Definitions } from "./definitions.ts";
import { Cursor } from "./read-rows.ts";
import { disabledFrom, summaries, withFigures } from "./workflow-summaries.ts";

const MARK = `select count(*), max(updated_at), sum(current_version), sum(enabled) from workflow_definitions`;

const STORED = `select d.id, d.environment, v.version, d.enabled, d.disabled_by, d.disabled_because, v.definition,
  v.source, v.source_format, v.origin, d.created_at, d.updated_at
from workflow_definitions d
join workflow_definition_versions v on v.environment = d.environment and v.id = d.id`;

const GET = `${STORED} where d.environment = ? and d.id = ? and v.version = coalesce(?, d.current_version)`;

const EVERY_CURRENT = `${STORED} and v.version = d.current_version where d.environment = ? order by d.id`;

const VERSIONS = `select version, created_at, created_by, author_version, restored_from
from workflow_definition_versions
where environment = ? and id = ? order by version desc`;

const ADD_WORKFLOW = `insert into workflow_definitions
  (environment, id, current_version, enabled, created_at, updated_at) values (?, ?, ?, 1, ?, ?)`;

const ADD_VERSION = `insert into workflow_definition_versions (environment, id, version, author_version, name, description,
  definition, source, source_format, origin, created_at, created_by, restored_from)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const KEEP_ANSWER = `insert into workflow_idempotency_keys (${ONCE_COLUMNS}) values (?, ?, ?, ?, ?, ?)
on conflict do nothing`;

const MAKE_CURRENT = `update workflow_definitions set current_version = ?, updated_at = ?
where environment = ? and id = ?`;

const REMOVED_AT = "select last_version from removed_workflows where environment = ? and id = ?";

const REMOVED = "select id, last_version from removed_workflows where environment = ?";

const KEEP_SOURCE = `update workflow_definition_versions set source = ?, source_format = ?, origin = ?
where environment = ? and id = ? and version = ?`;

const CURRENT = `select v.version, d.enabled, v.created_by from workflow_definitions d
join workflow_definition_versions v on v.environment = d.environment and v.id = d.id and v.version = d.current_version
where d.environment = ? and d.id = ?`;

const THERE = `select v.version, d.enabled, v.created_by from workflow_definitions d
join workflow_definition_versions v on v.environment = d.environment and v.id = d.id
where d.environment = ? and d.id = ? and v.version = ?`;

const ENABLE = `update workflow_definitions set enabled = 1, disabled_by = null, disabled_because = null,
  updated_at = iif(enabled = 1, updated_at, ?)
where environment = ? and id = ? returning 1`;

const ENABLE_BACK = `update workflow_definitions
set enabled = 1, disabled_by = null, disabled_because = null, updated_at = ?
where environment = ? and id = ? and disabled_because = 'file-missing'`;

/** What an event of a switch waits for: before the switch, that it will change something. */
const IS_DISABLED =
  "exists (select 1 from workflow_definitions where environment = ? and id = ? and enabled = 0)";
const IS_TO_BE_DISABLED = `exists (select 1 from workflow_definitions where environment = ? and id = ?
  and (enabled = 1 or (? = 'operator' and disabled_because is not 'operator')))`;
const IS_UNUSED = `exists (select 1 from workflow_definitions where environment = ? and id = ?)
  and not exists (select 1 from workflow_runs where environment = ? and workflow_id = ?)`;

const UNUSED = `from workflow_definitions where environment = ?1 and id = ?2
  and not exists (select 1 from workflow_runs where environment = ?1 and workflow_id = ?2)`;

const REMEMBER = `insert into removed_workflows (environment, id, last_version)
select environment, id, current_version ${UNUSED}
on conflict (environment, id) do update set last_version = max(last_version, excluded.last_version)`;

/** Whoever came first is remembered, but a person rather than a file that is not there. */
const DISABLE = `update workflow_definitions set enabled = 0,
  disabled_by = iif(enabled = 1 or (?2 = 'operator' and disabled_because is not 'operator'), ?1, disabled_by),
  disabled_because = iif(enabled = 1 or ?2 = 'operator', ?2, disabled_because),
  updated_at = iif(enabled = 0, updated_at, ?3)
where environment = ?4 and id = ?5 returning 1`;

/** Definitions and their versions. Publishing is optimistic: whoever is overtaken looks again. */
export function workflows(db: Database, clock: Clock, definitions: Definitions): WorkflowStore {
  return {
    async publish(publication) {
      for (let tries = 1; ; tries++)
        try {
          return await publishOnce(db, publication);
        } catch (error) {
          // Another process took the version number.
          if (!isConstraint(error) || tries === 5) throw error;
        }
    },
    get: (environment, id, version) => get(db, environment, id, version),
    async startable(environment, id, version) {
      const [row] = await select(db, version === undefined ? CURRENT : THERE, [
        environment,
        id,
        ...(version === undefined ? [] : [version]),
      ]);
      if (!row) return null;
      const [found, enabled, author] = row;
      const definition = await definitions.get({ environment, id, version: Number(found) });
      return { id, version: Number(found), enabled: enabled === 1, definition, author: String(author) };
    },
    list: (environment) => summaries(db, environment),
    withFigures: (of) => withFigures(db, clock.now(), of),
    async environments() {
      const rows = await select(
        db,
        "select environment, count(*) from workflow_definitions group by environment",
        [],
      );
      return new Map(rows.map(([environment, count]) => [String(environment), Number(count)]));
    },
    async mark() {
      const [row] = await select(db, MARK, []);
      return (row ?? []).join(" ");
    },
    async versions(environment, id) {
      const rows = await select(db, VERSIONS, [environment, id]);
      return rows.map(versionFrom);
    },
    async current(environment) {
      const rows = await select(db, EVERY_CURRENT, [environment]);
      return rows.map(workflowFrom);
    },
    async removed(environment) {
      const rows = await select(db, REMOVED, [environment]);
      return new Map(rows.map(([id, version]) => [String(id), Number(version)]));
    },
    async setEnabled(environment, id, to, event) {
      const changes = to.enabled
        ? { sql: IS_DISABLED, args: [environment, id] }
        : { sql: IS_TO_BE_DISABLED, args: [environment, id, to.because] };
      const update: Query = to.enabled
        ? { sql: ENABLE, args: [to.at, environment, id] }
        : { sql: DISABLE, args: [to.by, to.because, to.at, environment, id] };
      const [, rows = []] = await db.write([adding(event, changes), update]);
      return rows.length > 0;
    },
    async remove(environment, id, event) {
      const [, , removed = [], known = []] = await db.write([
        adding(event, { sql: IS_UNUSED, args: [environment, id, environment, id] }),
        { sql: REMEMBER, args: [environment, id] },
        { sql: `delete ${UNUSED} returning 1`, args: [environment, id] },
        {
          sql: "select 1 from workflow_definitions where environment = ? and id = ?",
          args: [environment, id],
        },
      ]);
      return removed.length > 0 ? "removed" : known.length > 0 ? "has-runs" : "unknown";
    },
  };
}

async function publishOnce(db: Database, publication: Publication): Promise<PublishResult> {
  const { environment, definition, expect, at, once } = publication;
  const { id } = definition;
  const current = await get(db, environment, id);
  if (current === null) {
    if (expect !== undefined && expect !== "absent") return { status: "absent" };
    const version = await nextVersion(db, environment, id, 0);
    await db.write([
      { sql: ADD_WORKFLOW, args: [environment, id, version, at, at] },
      addVersion(publication, version),
      ...(once ? [forgetting(once, at), { sql: KEEP_ANSWER, args: answerCells(once) }] : []),
      adding(published(publication, version, "created")),
    ]);
    return { status: "created", workflow: await getStored(db, environment, id) };
  }
  if (expect === "absent") return { status: "exists" };
  if (typeof expect === "object" && expect.version !== current.version)
    return { status: "version-mismatch", current: current.version };
  const now = { ...publication, origin: originAfter(publication, current) };
  const isBack = current.disabled?.because === "file-missing";
  const enable: readonly Query[] = isBack ? [{ sql: ENABLE_BACK, args: [at, environment, id] }] : [];
  if (!isSameDefinition(current.definition, definition)) {
    const version = await nextVersion(db, environment, id, current.version);
    await db.write([
      addVersion(now, version),
      { sql: MAKE_CURRENT, args: [version, at, environment, id] },
      ...enable,
      adding(published(now, version, "updated")),
    ]);
    return { status: "updated", workflow: await getStored(db, environment, id) };
  }
  const status = isBack ? "enabled" : "unchanged";
  const changes = [...keepSource(now, current), ...enable];
  const kept = { ...now, definition: current.definition };
  if (changes.length > 0) await db.write([...changes, adding(published(kept, current.version, status))]);
  return { status, workflow: await getStored(db, environment, id) };
}

/** Behind every number that was given, also to a workflow of this name that was removed. */
async function nextVersion(db: Database, environment: string, id: string, current: number): Promise<number> {
  const [row] = await select(db, REMOVED_AT, [environment, id]);
  return Math.max(current, Number(row?.[0] ?? 0)) + 1;
}

/** What is told of a publication: enough to find out later whether the version is still what was published. */
function published(publication: Publication, version: number, result: string): AdminEvent {
  const { environment, definition, source, origin, at, by, channel, restores, eventId } = publication;
  return {
    id: eventId,
    at,
    actor: by,
    channel,
    action: restores === undefined ? "workflow.published" : "workflow.rolled-back",
    environment,
    subject: `workflow:${environment}/${definition.id}`,
    data: {
      version,
      result,
      origin,
      definition: definitionDigest(definition),
      source: hash("sha256", source),
      ...(restores !== undefined && { restores }),
    },
  };
}

/** A workflow stays its file's when people change it in between; when the file is gone it is theirs. */
function originAfter({ origin }: Publication, current: StoredWorkflow): string {
  return origin === "api" && current.disabled?.because !== "file-missing" ? current.origin : origin;
}

function addVersion(publication: Publication, version: number): Query {
  const { environment, definition, source, sourceFormat, origin, at, by, restores } = publication;
  const { id, name, description } = definition;
  const text = JSON.stringify(definition);
  const cells = [environment, id, version, definition.version, name, description ?? null];
  return { sql: ADD_VERSION, args: [...cells, text, source, sourceFormat, origin, at, by, restores ?? null] };
}

/** The same definition in other words (comments, layout) makes no version, but people see what they wrote last. */
function keepSource(publication: Publication, current: StoredWorkflow): readonly Query[] {
  const { environment, source, sourceFormat, origin } = publication;
  if (source === current.source && sourceFormat === current.sourceFormat && origin === current.origin)
    return [];
  const args = [source, sourceFormat, origin, environment, current.id, current.version];
  return [{ sql: KEEP_SOURCE, args }];
}

async function get(
  db: Database,
  environment: string,
  id: string,
  version?: number,
): Promise<StoredWorkflow | null> {
  const [row] = await select(db, GET, [environment, id, version ?? null]);
  return row ? workflowFrom(row) : null;
}

async function getStored(db: Database, environment: string, id: string): Promise<StoredWorkflow> {
  const found = await get(db, environment, id);
  if (!found) throw new Error(`workflow "${id}" was removed while it was being published`);
  return found;
}

function workflowFrom(row: Cells): StoredWorkflow {
  const cursor = new Cursor(row);
  return {
    id: cursor.text(),
    environment: cursor.text(),
    version: cursor.number(),
    enabled: cursor.number() === 1,
    disabled: disabledFrom(cursor.optionalText(), cursor.optionalText()),
    definition: JSON.parse(cursor.text()) as Definition,
    source: cursor.text(),
    sourceFormat: cursor.text() as StoredWorkflow["sourceFormat"],
    origin: cursor.text(),
    createdAt: cursor.number(),
    updatedAt: cursor.number(),
  };
}

function versionFrom(row: Cells): WorkflowVersion {
  const cursor = new Cursor(row);
  return {
    version: cursor.number(),
    createdAt: cursor.number(),
    createdBy: cursor.text(),
    authorVersion: cursor.text(),
    restoredFrom: cursor.optionalNumber(),
  };
}
