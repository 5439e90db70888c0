/** Everything that is kept, as it was at one moment: the bytes of a SQLite database file. */
export type Snapshot = { readonly bytes: number; readonly stream: ReadableStream<Uint8Array> };

export type Backups = {
  /**
   * Copies the database while it is written to. `null` when it is a server's: whoever has its address copies it there.
   * Rejects when `signal` aborts or the store is closed before the copy is whole.
   */
  snapshot(signal: AbortSignal): Promise<Snapshot | null>;
};

/** What a backup holds; with `problems` it must not be used. */
export type BackupSummary = {
  readonly bytes: number;
  /** The newest of its migrations. */
  readonly migration: number;
  readonly runs: number;
  readonly openRuns: number;
  readonly events: number;
  /** When the newest event happened; `null` without any. */
  readonly newestEventAt: number | null;
  readonly problems: readonly string[];
};
