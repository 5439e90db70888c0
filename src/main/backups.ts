import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { checkBackup } from "../adapters/libsql/check-backup.ts";
import { copyServer } from "../adapters/libsql/copy-server.ts";
import { FileSnapshots } from "../adapters/libsql/file-snapshots.ts";
import { flush } from "../adapters/libsql/flush.ts";
import { openFile } from "../adapters/libsql/open-file.ts";
import { restoreFile, restoreServer } from "../adapters/libsql/restore.ts";
import { createStore } from "../adapters/libsql/store.ts";
import type { BackupTools } from "../cli/deps.ts";
import { BackupRefused } from "../engine/errors.ts";
import { newId } from "../engine/ids.ts";
import type { BackupSummary } from "../engine/ports/backups.ts";
import type { Log } from "../engine/ports.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { madeFor } from "./open-store.ts";
import { migrationsDir } from "./places.ts";

/** Copies of the database that `configured` names, and their way back. */
export function createBackups(
  configure: () => { readonly config: Config; readonly log: Log },
  userName = () => userInfo().username,
): BackupTools {
  let known: ReturnType<typeof configure> | null = null;
  const configured = () => (known ??= configure());
  return {
    async copy(file) {
      const { database } = configured().config;
      return kept(file, (partial) =>
        database.kind === "file"
          ? copyOwnFile(database.path, partial)
          : copyServer(addressOf(database), partial),
      );
    },
    keep: (stream, file) =>
      kept(file, (partial) => pipeline(Readable.from(stream), createWriteStream(partial, { mode: 0o600 }))),
    check: (file) => checkBackup(file, migrationsDir),
    source() {
      const { database } = configured().config;
      if (database.kind === "remote") return { kind: "server", name: hostOf(database.url) };
      const path = resolve(database.path);
      return { kind: existsSync(path) ? "file" : "none", name: path };
    },
    async restore(file) {
      const { config, log } = configured();
      const { database } = config;
      const open = (target: Parameters<typeof noteRestore>[0]) =>
        noteRestore(target, file, whoWorks(userName), log);
      if (database.kind === "file") {
        const path = resolve(database.path);
        await madeFor(path);
        const stamp = new Date(systemClock.now()).toISOString().replaceAll(/[:.]/g, "-");
        return { replaced: await restoreFile(file, path, (copy) => open({ url: `file:${copy}` }), stamp) };
      }
      await restoreServer(file, addressOf(database));
      await open(addressOf(database));
      return { replaced: null };
    },
  };
}

/** Written under another name first: what has the name is whole. */
async function kept(file: string, write: (partial: string) => Promise<void>): Promise<BackupSummary> {
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  // It holds everything: nobody else may read it, not even while it is written.
  const umask = process.umask(0o077);
  try {
    await write(partial);
    const summary = await checkBackup(partial, migrationsDir);
    if (summary.problems.length > 0)
      throw new BackupRefused(`the copy is damaged: ${summary.problems.join("; ")}`);
    await flush(partial);
    await rename(partial, file);
    await flush(dirname(file));
    return summary;
  } finally {
    process.umask(umask);
    await rm(partial, { force: true });
  }
}

/** For a Station that does not run: its file is opened, and left as it was. */
async function copyOwnFile(path: string, to: string): Promise<void> {
  const db = openFile(path);
  const snapshots = new FileSnapshots(db, resolve(path));
  try {
    await snapshots.copyTo(to, new AbortController().signal);
  } finally {
    await db.close();
    snapshots.letGo();
  }
}

/** Brings what was restored up to date, and has it say of itself where it comes from. */
async function noteRestore(
  target: { readonly url: string; readonly authToken?: string },
  backup: string,
  who: string,
  log: Log,
): Promise<void> {
  const store = await createStore({ ...target, migrationsDir, clock: systemClock, log });
  try {
    await store.adminEvents.append({
      id: newId("adm", systemClock),
      at: systemClock.now(),
      actor: `user:${who}`,
      channel: "cli",
      action: "backup.restored",
      environment: null,
      subject: "station",
      data: { sha256: await sha256Of(backup) },
    });
  } finally {
    await store.close();
  }
}

/** By number where the system has no name: containers run as users that nobody has written down. */
function whoWorks(userName: () => string): string {
  try {
    return userName();
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

function addressOf({ url, authToken }: { readonly url: string; readonly authToken: string | null }) {
  return authToken === null ? { url } : { url, authToken };
}

/** Without what else an address may say. */
function hostOf(url: string): string {
  return new URL(url).host;
}
