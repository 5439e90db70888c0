import { readManifest } from "../../core/bundle/manifest.ts";
import type { InstalledBundles, InstalledFile, ServerBundle } from "../../engine/ports/installed.ts";
import { adding } from "./admin-events.ts";
import { answerCells, answered, forgetting, ONCE_COLUMNS } from "./answered.ts";
import { type Cells, type Database, isConstraint, type Query, select } from "./database.ts";
import { portions } from "./portions.ts";
import { Cursor } from "./read-rows.ts";

const NEXT = `insert into environment_installs (environment, revision, changed_by) values (?, 1, ?)
on conflict (environment) do update set revision = revision + 1, changed_by = excluded.changed_by where revision = ?
returning 1`;

/** Holds after `NEXT` when it changed something. */
const HELD = "exists (select 1 from environment_installs where environment = ? and changed_by = ?)";

const CLEAR = `delete from environment_files where environment = ? and bundle = ? and ${HELD}`;

const PUT = `insert into environment_bundles
  (environment, name, manifest, digest, signed_by, installed_at, installed_by)
select ?, ?, ?, ?, ?, ?, ? where ${HELD}
on conflict (environment, name) do update set manifest = excluded.manifest, digest = excluded.digest,
  signed_by = excluded.signed_by, installed_at = excluded.installed_at, installed_by = excluded.installed_by`;

const FILL = `insert into environment_files (environment, path, bundle, content, sha256)
select ?, value ->> '$.path', ?, value ->> '$.text', value ->> '$.sha256' from json_each(?) where ${HELD}`;

const ANSWER = `insert into workflow_idempotency_keys (${ONCE_COLUMNS})
select ?, ?, ?, ?, ?, ? where ${HELD}`;

/** Bundles of environments, each install with its event in one transaction. */
export function installedBundles(db: Database): InstalledBundles {
  return {
    async revision(environment) {
      const sql = "select revision from environment_installs where environment = ?";
      const [row] = await select(db, sql, [environment]);
      return row ? Number(row[0]) : 0;
    },
    async list(environment) {
      const sql = `select manifest, digest, signed_by, installed_at, installed_by from environment_bundles
where environment = ? order by name`;
      return (await select(db, sql, [environment])).map(bundleFrom);
    },
    async files(environment) {
      const sql = `select path, bundle, content, sha256 from environment_files where environment = ? order by path`;
      return (await select(db, sql, [environment])).map(fileFrom);
    },
    async install({ environment, revision, bundle, files }, event, once) {
      const { manifest, digest, signedBy, installedAt, installedBy } = bundle;
      const held = [environment, event.id];
      const put = [
        environment,
        manifest.name,
        JSON.stringify(manifest),
        digest,
        signedBy,
        installedAt,
        installedBy,
      ];
      const queries: readonly Query[] = [
        { sql: NEXT, args: [environment, event.id, revision] },
        { sql: CLEAR, args: [environment, manifest.name, ...held] },
        { sql: PUT, args: [...put, ...held] },
        ...portions(files).map((some) => ({ sql: FILL, args: [environment, manifest.name, some, ...held] })),
        ...(once ? [forgetting(once, event.at), { sql: ANSWER, args: [...answerCells(once), ...held] }] : []),
        adding(event, { sql: HELD, args: held }),
      ];
      try {
        const [changed = []] = await db.write(queries);
        return changed.length > 0 ? "installed" : "stale";
      } catch (error) {
        // Whoever sent the same request at the same time was faster.
        const before = once && isConstraint(error) ? await answered(db, once, event.at) : null;
        if (before) return before;
        throw error;
      }
    },
  };
}

function bundleFrom(row: Cells): ServerBundle {
  const cursor = new Cursor(row);
  const manifest = readManifest(JSON.parse(cursor.text()));
  if (typeof manifest === "string")
    throw new Error(`a bundle that was installed cannot be read: ${manifest}`);
  return {
    manifest,
    digest: cursor.text(),
    signedBy: cursor.optionalText(),
    installedAt: cursor.number(),
    installedBy: cursor.text(),
  };
}

function fileFrom(row: Cells): InstalledFile {
  const cursor = new Cursor(row);
  return { path: cursor.text(), bundle: cursor.text(), text: cursor.text(), sha256: cursor.text() };
}
