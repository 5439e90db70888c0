import { resolve } from "node:path";
import type { Clock, Log, Store } from "../../engine/ports.ts";
import { adminEvents } from "./admin-events.ts";
import { agentRuns } from "./agent-runs.ts";
import { answered } from "./answered.ts";
import { apiKeys } from "./api-keys.ts";
import { archives } from "./archives.ts";
import { BranchCache } from "./branch-cache.ts";
import { gatesBelow, waitsFor } from "./called-runs.ts";
import { checkpoints } from "./checkpoints.ts";
import { cursors } from "./cursors.ts";
import { type Database, select } from "./database.ts";
import { Definitions } from "./definitions.ts";
import { endedSessions } from "./ended-sessions.ts";
import type { FileDriver } from "./file-driver.ts";
import { FileSnapshots } from "./file-snapshots.ts";
import { GroupCommit, type PickGroup, type WriteGroup } from "./group-commit.ts";
import { hooks } from "./hooks.ts";
import { installedBundles } from "./installed-bundles.ts";
import { leases } from "./leases.ts";
import { Lender } from "./lender.ts";
import { Loader } from "./load.ts";
import { migrate } from "./migrate.ts";
import { notifications } from "./notifications.ts";
import { openFile } from "./open-file.ts";
import { outbox } from "./outbox.ts";
import { outcomesOf } from "./outcomes.ts";
import { isPurged } from "./purge.ts";
import { queries } from "./queries.ts";
import { RecentEvents } from "./recent-events.ts";
import { RemoteDriver } from "./remote-driver.ts";
import { rootStepsOf } from "./root-steps.ts";
import { runEvidence } from "./run-evidence.ts";
import { schedules } from "./schedules.ts";
import { seals } from "./seals.ts";
import { aheadOf } from "./slots.ts";
import { vouchedIdentities } from "./vouched-identities.ts";
import { workflows } from "./workflows.ts";
import { fileGroupWriter } from "./write-file-group.ts";
import { pickIndependent, remoteGroupWriter } from "./write-remote-group.ts";

export type StoreOptions = {
  /** `file:path`, `:memory:`, or the address of a libSQL server: `libsql:`, `http(s):`, `ws(s):`. */
  readonly url: string;
  readonly authToken?: string;
  /** The folder of the numbered `.sql` files. */
  readonly migrationsDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an alarm that was handed over stays hidden at first, in milliseconds. */
  readonly hideMs?: number;
  /** Told of each transaction that was kept: its transitions and how long it took, in milliseconds. */
  readonly onCommit?: (transitions: number, ms: number) => void;
  /** Told the names of the migrations that were missing. */
  readonly onMigrated?: (names: readonly string[]) => void;
};

/** What the two kinds of database do differently. */
type Driver = {
  readonly db: Database;
  readonly write: WriteGroup;
  readonly pick: PickGroup;
  /** A round trip costs more than asking for too much. */
  readonly far: boolean;
  /** Copies of the file; a server's database is copied by whoever has its address. */
  readonly snapshots: FileSnapshots | null;
};

/** A store whose database another thread can borrow. */
export type LibsqlStore = Store & { readonly lend: Lender["to"] };

/** Opens the database, brings it up to date and answers the store on it. */
export async function createStore(options: StoreOptions): Promise<LibsqlStore> {
  const { clock, log, migrationsDir } = options;
  const driver = driverFor(options);
  try {
    const applied = await migrate(driver.db, migrationsDir, clock.now());
    if (applied.length > 0) log.info("database migrated", { migrations: applied });
    options.onMigrated?.(applied);
  } catch (error) {
    await driver.db.close();
    throw error;
  }
  return storeOn(driver, options);
}

/** The store on a database that is open and up to date. */
export function storeOn(
  { db, write: writeGroup, pick, far, snapshots }: Driver,
  { clock, log, onCommit }: Pick<StoreOptions, "clock" | "log" | "onCommit">,
): LibsqlStore {
  const write: WriteGroup = async (group) => {
    const began = performance.now();
    const written = await writeGroup(group);
    onCommit?.(group.length, performance.now() - began);
    return written;
  };
  const branches = new BranchCache();
  const definitions = new Definitions(db);
  const loader = new Loader(db, far, definitions, branches);
  const recent = new RecentEvents();
  const lender = new Lender(db);
  const committer = new GroupCommit({
    write,
    pick,
    clock,
    log,
    committed: ({ transition, item, seq, position }) => {
      const { events, size } = item;
      if (position !== null) {
        recent.add(transition, events, { seq, position }, size);
        lender.committed(item, seq, position);
      }
      for (const branch of transition.branches)
        branches.put(transition.runId, branch, Math.ceil(size / transition.branches.length));
    },
  });
  return {
    runs: {
      load: (runId, branch) => loader.load(runId, branch),
      outcomes: (runId, branch, segment) => outcomesOf(db, runId, branch, segment),
      aheadOf: (slot, most) => aheadOf(db, slot, most),
      gatesBelow: (runId) => gatesBelow(db, runId),
      waitsFor: (caller, runId) => waitsFor(db, caller, runId),
      rootSteps: (runId) => rootStepsOf(db, runId),
      isPurged: (runId) => isPurged(db, runId),
      commit: (transition, once) => committer.commit(transition, once),
      answered: (once, now) => answered(db, once, now),
    },
    outbox: { ...outbox(db), onDispatch: (listener) => committer.onDispatch(listener) },
    leases: leases(db),
    workflows: workflows(db, clock, definitions),
    queries: queries(db, loader, definitions, recent),
    seals: seals(db, recent),
    cursors: cursors(db),
    agents: agentRuns(db),
    keys: apiKeys(db),
    adminEvents: adminEvents(db),
    checkpoints: checkpoints(db),
    evidence: runEvidence(db),
    hooks: hooks(db),
    endedSessions: endedSessions(db),
    vouched: vouchedIdentities(db),
    archives: archives(db, () => {
      recent.forget();
      lender.forget();
    }),
    backups: { snapshot: async (signal) => (snapshots ? snapshots.take(signal) : null) },
    notifications: notifications(db),
    schedules: schedules(db),
    bundles: installedBundles(db),
    lend: (port, underWay) => lender.to(port, underWay),
    async ping() {
      await select(db, "select 1", []);
      // A full disk is read as well as ever. Every process writes its lease twice a second.
      if (db.writeFailure) throw db.writeFailure;
    },
    async close() {
      await committer.drained();
      await snapshots?.stop();
      await db.close();
      snapshots?.letGo();
    },
  };
}

const HIDE_MS = 30_000;

function driverFor({ url, authToken, clock, hideMs = HIDE_MS }: StoreOptions): Driver {
  if (url === ":memory:" || url.startsWith("file:")) {
    const path = url === ":memory:" ? url : url.replace(/^file:(\/\/)?/, "");
    const db = openFile(path);
    return driverOf(db, clock, hideMs, path === ":memory:" ? null : new FileSnapshots(db, resolve(path)));
  }
  if (!/^(libsql|https?|wss?):/.test(url))
    throw new Error(`"${url}" is no database address; use file:path, libsql://, https:// or wss://`);
  const db = new RemoteDriver(url, authToken);
  return {
    db,
    write: remoteGroupWriter(db, clock, hideMs),
    pick: pickIndependent,
    far: true,
    snapshots: null,
  };
}

/** Drives a file that is open, or the memory. */
export function driverOf(
  db: FileDriver,
  clock: Clock,
  hideMs: number,
  snapshots: FileSnapshots | null,
): Driver {
  return { db, write: fileGroupWriter(db, clock, hideMs), pick: (waiting) => waiting, far: false, snapshots };
}
