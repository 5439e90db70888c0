import type { ArchivedHead } from "../../core/retention/archive-file.ts";
import type { FinalStatus, Finished } from "../../core/retention/policy.ts";
import type { AdminEvent } from "./admin-events.ts";

/** A file of finished runs, and how far its runs have left the database. */
export type Archive = {
  readonly archiveId: string;
  /** Its name in the folder of archives. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly runs: number;
  readonly events: number;
} & (
  | { readonly status: "writing"; readonly bytes: null; readonly sha256: null }
  | { readonly status: "written" | "done"; readonly bytes: number; readonly sha256: string }
);

/** Where an archived run is. */
export type ArchivedRun = Pick<ArchivedHead, "runId" | "environment" | "seq" | "hash"> & {
  readonly archiveId: string;
  readonly file: string;
};

/** A run whose time may be over: whole, sealed to its end, vouched for by a checkpoint, held by nobody's hold. */
export type Candidate = Finished & ArchivedHead & { readonly createdAt: number };

export type Archives = {
  /** Finished runs of a status that ended at `before` or earlier, oldest first, behind `after`. */
  candidates(
    status: FinalStatus,
    before: number,
    after: Pick<Candidate, "createdAt" | "runId"> | null,
    limit: number,
  ): Promise<readonly Candidate[]>;
  /** Announces a file; those of the runs that are still there, held by nobody and in no other file, are in it. */
  begin(
    archive: Pick<Archive, "archiveId" | "file" | "createdAt">,
    runs: readonly ArchivedHead[],
  ): Promise<void>;
  /** The lines of the file: everything that is kept of its runs. */
  lines(archiveId: string): AsyncIterable<string>;
  /** The file is whole on disk; `event` is kept with that. False when the archive was given up meanwhile. */
  written(
    archiveId: string,
    file: { readonly sha256: string; readonly bytes: number },
    event: AdminEvent,
  ): Promise<boolean>;
  /** Nothing of it counts. Only of one that is still being written. */
  giveUp(archiveId: string): Promise<void>;
  /** Removes the runs of a written file from the database, in small transactions; how many were left to remove. */
  removeRuns(archiveId: string, now: number, signal: AbortSignal): Promise<number>;
  /** The oldest that is not done. */
  unfinished(): Promise<Archive | null>;
  get(archiveId: string): Promise<Archive | null>;
  /** Newest first. */
  list(page: { readonly limit: number; readonly before?: string }): Promise<readonly Archive[]>;
  /** In which file a run is that has left the database; `null` for any other. */
  find(runId: string): Promise<ArchivedRun | null>;
  heads(archiveId: string): Promise<readonly Omit<ArchivedRun, "file" | "archiveId">[]>;
  /**
   * Brings runs of an archive back from its lines: all of them without `runIds`. Each is held, so that it stays, and
   * counts as archived no more, as the events of `told` tell from the same moment. Answers which those were.
   */
  bringBack(
    lines: AsyncIterable<string>,
    runIds: readonly string[] | null,
    hold: Hold,
    told: (runIds: readonly string[]) => AdminEvent,
  ): Promise<readonly string[]>;
  /** Keeps a run, however old it becomes. `archived`: it is in a file, or on its way there. */
  hold(runId: string, hold: Hold, event: AdminEvent): Promise<"held" | "archived" | "unknown">;
  /** False when nobody held it. */
  release(runId: string, event: AdminEvent): Promise<boolean>;
  /** Takes a finished run's values out, and keeps `event` with that; its trail stays and can be verified. */
  purge(runId: string, at: number, event: AdminEvent): Promise<Purge>;
  /** Gives pages that nothing uses back to the file system, in small steps; how many. */
  reclaim(signal: AbortSignal): Promise<number>;
};

/**
 * What came of purging a run. `open`: it has not ended; `busy`: its last events are not sealed yet, or somebody is still
 * to be told of it; `archived`: it is in a file, or on its way there.
 */
export type Purge = "purged" | "unknown" | "open" | "busy" | "awaited" | "archived";

/** Who keeps a run, and why. */
export type Hold = { readonly reason: string; readonly at: number; readonly by: string };

/** The folder of archives. */
export type ArchiveFiles = {
  /** Writes a file whole and onto the disk before it has its name. Replaces one of this name. */
  write(
    name: string,
    lines: AsyncIterable<string>,
  ): Promise<{ readonly sha256: string; readonly bytes: number }>;
  lines(name: string): AsyncIterable<string>;
  /** SHA-256 of the file as it is on disk; `null` without one. */
  digest(name: string): Promise<string | null>;
  remove(name: string): Promise<void>;
};
