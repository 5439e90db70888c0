import type { By } from "../core/identity/channel.ts";
import { archiveLine } from "../core/retention/archive-file.ts";
import { FINAL_STATUSES, isDue, type Retention, shortestKeepMs } from "../core/retention/policy.ts";
import { ArchiveCheck } from "../core/retention/verify-archive.ts";
import { isoTime } from "../core/time.ts";
import { adminEvent } from "./admin-event.ts";
import { newId } from "./ids.ts";
import { pause } from "./pause.ts";
import type { Archive, ArchiveFiles, Candidate, Purge } from "./ports/archives.ts";
import type { Ports } from "./ports.ts";
import { createRole } from "./role.ts";

export type RetentionPorts = Pick<Ports, "store" | "clock" | "log"> & { readonly archiveFiles: ArchiveFiles };

export type RetainOptions = {
  readonly retention: Retention;
  readonly everyMs: number;
  readonly leaseMs: number;
  readonly batch: Batch;
};

/** Where a file of runs ends. */
export type Batch = { readonly runs: number; readonly events: number };

const BY: By = { actor: "system", channel: "worker" };

/** Moves finished runs whose time is over from the database to files, one process at a time. */
export async function retain(
  ports: RetentionPorts,
  holder: string,
  { retention, everyMs, leaseMs, batch }: RetainOptions,
  signal: AbortSignal,
): Promise<void> {
  const isKeeper = createRole(ports, "retention", holder, leaseMs);
  while (!signal.aborted) {
    let wait = everyMs;
    try {
      if (await isKeeper()) {
        if ((await archiveOnce(ports, retention, batch, signal, isKeeper)) > 0) wait = 0;
        const freed = await ports.store.archives.reclaim(signal);
        if (freed > 0) ports.log.info("database pages given back", { pages: freed });
      }
    } catch (error) {
      if (!signal.aborted) ports.log.warn("retention cannot work", { error: String(error) });
    }
    await pause(wait, signal);
  }
}

/**
 * Goes on with the file that was begun, or makes the next one: announced, written, read again, and only then are its runs
 * removed. Whatever dies in between, the next call goes on from what is kept. How many runs have left the database.
 */
export async function archiveOnce(
  ports: RetentionPorts,
  retention: Retention,
  batch: Batch,
  signal: AbortSignal,
  mayGoOn: () => Promise<boolean> = async () => true,
): Promise<number> {
  const { archives } = ports.store;
  const begun = await archives.unfinished();
  if (begun?.status === "written") return removeRuns(ports, begun, signal);
  if (begun) await discard(ports, begun);
  const due = await dueRuns(ports, retention, batch, signal);
  if (due.length === 0) return 0;
  const archive = announced(ports);
  await archives.begin(archive, due);
  const written = await write(ports, archive, signal, mayGoOn);
  return written ? removeRuns(ports, written, signal) : 0;
}

async function dueRuns(
  { store, clock }: RetentionPorts,
  retention: Retention,
  batch: Batch,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const now = clock.now();
  const due: Candidate[] = [];
  let events = 0;
  for (const status of FINAL_STATUSES) {
    const keepMs = shortestKeepMs(retention.rules, status);
    if (keepMs === null) continue;
    for (let last: Candidate | null = null; ; ) {
      signal.throwIfAborted();
      const page = await store.archives.candidates(status, now - keepMs, last, PAGE);
      for (const run of page) {
        if (!isDue(retention, run, now)) continue;
        due.push(run);
        events += run.seq;
        if (due.length >= batch.runs || events >= batch.events) return due;
      }
      last = page.at(-1) ?? null;
      if (page.length < PAGE || last === null) break;
    }
  }
  return due;
}

const PAGE = 200;

type Announced = Pick<Archive, "archiveId" | "file" | "createdAt">;

function announced({ clock }: RetentionPorts): Announced {
  const archiveId = newId("arc", clock);
  const createdAt = clock.now();
  return { archiveId, createdAt, file: `${isoTime(createdAt).slice(0, 10)}/${archiveId}.ndjson.gz` };
}

/** `null` when another process has given the archive up meanwhile. */
async function write(
  { store, archiveFiles, clock, log }: RetentionPorts,
  { archiveId, file, createdAt }: Announced,
  signal: AbortSignal,
  mayGoOn: () => Promise<boolean>,
): Promise<(Archive & { readonly status: "written" | "done" }) | null> {
  const lines = whileAllowed(store.archives.lines(archiveId), signal, mayGoOn);
  const made = await archiveFiles.write(file, lines);
  // What is about to be removed is read again from where it will be.
  const { problems, runs } = await checkArchive(archiveFiles.lines(file));
  const heads = await store.archives.heads(archiveId);
  if (problems.length > 0 || runs.length !== heads.length)
    throw new Error(`the archive ${file} is not whole: ${problems.join("; ") || "runs are missing"}`);
  const event = adminEvent(clock, BY, {
    action: "runs.removed",
    environment: null,
    subject: `archive:${archiveId}`,
    data: { file, sha256: made.sha256, runs: runs.map(({ runId, seq, hash }) => ({ runId, seq, hash })) },
  });
  if (!(await store.archives.written(archiveId, made, event))) {
    await archiveFiles.remove(file);
    return null;
  }
  const events = runs.reduce((sum, { seq }) => sum + seq, 0);
  log.info("runs archived", { archive_id: archiveId, file, runs: runs.length, events, bytes: made.bytes });
  return { archiveId, file, createdAt, runs: runs.length, events, status: "written", ...made };
}

async function* whileAllowed(
  lines: AsyncIterable<string>,
  signal: AbortSignal,
  mayGoOn: () => Promise<boolean>,
): AsyncGenerator<string> {
  for await (const line of lines) {
    signal.throwIfAborted();
    if (!(await mayGoOn())) throw new Error("another process has taken over");
    yield line;
  }
}

/** Nothing that is not known to be on disk is removed. */
async function removeRuns(
  { store, archiveFiles, clock, log }: RetentionPorts,
  { archiveId, file, sha256 }: Archive,
  signal: AbortSignal,
): Promise<number> {
  const found = await archiveFiles.digest(file);
  if (found !== sha256)
    throw new Error(
      `the archive ${file} is ${found === null ? "not there" : "not as it was written"}: its runs stay in the database; ` +
        "put the file back where it was",
    );
  const removed = await store.archives.removeRuns(archiveId, clock.now(), signal);
  log.info("archived runs removed from the database", { archive_id: archiveId, runs: removed });
  return removed;
}

async function discard({ store, archiveFiles }: RetentionPorts, { archiveId, file }: Archive): Promise<void> {
  await archiveFiles.remove(file);
  await store.archives.giveUp(archiveId);
}

/** Reads an archive from end to end; with `keys` (fingerprints) only what one of them signed counts. */
export async function checkArchive(lines: AsyncIterable<string>, keys?: ReadonlySet<string>) {
  const check = new ArchiveCheck(keys);
  for await (const line of lines) check.line(archiveLine(line));
  return check.contents();
}

/** What came of bringing runs back. */
export type BroughtBack =
  | { readonly status: "back"; readonly runIds: readonly string[] }
  | { readonly status: "unknown" | "unfinished" }
  | { readonly status: "damaged"; readonly problem: string };

/** Brings archived runs back into the database, where they stay until somebody releases them. */
export async function bringBackRuns(
  { store, archiveFiles, clock }: RetentionPorts,
  archiveId: string,
  runIds: readonly string[] | null,
  by: By,
): Promise<BroughtBack> {
  const archive = await store.archives.get(archiveId);
  if (!archive) return { status: "unknown" };
  if (archive.status !== "done") return { status: "unfinished" };
  const found = await archiveFiles.digest(archive.file);
  if (found !== archive.sha256) {
    const problem = found === null ? "is not in the folder of archives" : "is not as it was written";
    return { status: "damaged", problem: `${archive.file} ${problem}` };
  }
  const hold = { reason: `brought back from ${archiveId}`, at: clock.now(), by: by.actor };
  const gone = new Set((await store.archives.heads(archiveId)).map(({ runId }) => runId));
  const wanted = (runIds ?? [...gone]).filter((runId) => gone.has(runId));
  const told = (runs: readonly string[]) =>
    adminEvent(clock, by, {
      action: "runs.brought_back",
      environment: null,
      subject: `archive:${archiveId}`,
      data: { runs },
    });
  const back = await store.archives.bringBack(archiveFiles.lines(archive.file), wanted, hold, told);
  return { status: "back", runIds: back };
}

type HoldPorts = Pick<Ports, "store" | "clock">;

/** Keeps a run out of every archive until it is released. */
export function holdRun({ store, clock }: HoldPorts, runId: string, reason: string, by: By) {
  const event = ofRun(clock, by, "run.held", runId, reason);
  return store.archives.hold(runId, { reason, at: event.at, by: by.actor }, event);
}

/** Takes the values of a finished run out of the database for good. Again: nothing more happens. */
export function purgeRun({ store, clock }: HoldPorts, runId: string, reason: string, by: By): Promise<Purge> {
  const event = ofRun(clock, by, "run.purged", runId, reason);
  return store.archives.purge(runId, event.at, event);
}

/** False when nobody held it. */
export function releaseRun({ store, clock }: HoldPorts, runId: string, reason: string, by: By) {
  return store.archives.release(runId, ofRun(clock, by, "run.released", runId, reason));
}

function ofRun(clock: Ports["clock"], by: By, action: string, runId: string, reason: string) {
  return adminEvent(clock, by, { action, environment: null, subject: `run:${runId}`, data: { reason } });
}
