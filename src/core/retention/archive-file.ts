import type { KeptCheckpoint } from "../audit/checkpoint.ts";
import type { InclusionProof } from "../audit/merkle.ts";
import type { JsonObject, JsonValue } from "../json.ts";

/** The first line of an archive: which columns its rows have, by table. */
export type ArchiveHeader = {
  readonly stationArchive: 1;
  readonly archiveId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly tables: Readonly<Record<string, readonly string[]>>;
};

/** The head of a run's hash chain. */
export type ArchivedHead = {
  readonly runId: string;
  readonly environment: string;
  readonly seq: number;
  readonly hash: string;
  /** The number of the checkpoint that vouches for it. */
  readonly checkpoint: number;
};

/** The line before a run's rows: its head, with the way to its checkpoint's root. */
export type ProvedHead = ArchivedHead & { readonly proof: InclusionProof };

/** A row: its table's name, and its cells in the order of the header's columns. */
export type ArchivedRow = readonly [table: string, ...cells: (string | number | null)[]];

/** The last line. */
export type ArchiveEnd = { readonly end: true; readonly runs: number; readonly rows: number };

/**
 * A line of an archive. Checkpoints come before the first head, by number: those that vouch for runs and, of each, those
 * after it up to the first that is signed. Rows before the first head belong to the workflows of the runs.
 */
export type ArchiveLine =
  | { readonly is: "header"; readonly header: ArchiveHeader }
  | { readonly is: "checkpoint"; readonly checkpoint: KeptCheckpoint }
  | { readonly is: "head"; readonly head: ProvedHead }
  | { readonly is: "row"; readonly row: ArchivedRow }
  | { readonly is: "end"; readonly end: ArchiveEnd };

/** Reads a line; throws for one that is none. */
export function archiveLine(text: string): ArchiveLine {
  const value = JSON.parse(text) as JsonValue;
  if (Array.isArray(value) && typeof value[0] === "string")
    return { is: "row", row: value as unknown as ArchivedRow };
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    const fields = value as JsonObject;
    if (fields["stationArchive"] === 1) return { is: "header", header: value as unknown as ArchiveHeader };
    if (fields["checkpointed"] !== undefined)
      return { is: "checkpoint", checkpoint: fields["checkpointed"] as unknown as KeptCheckpoint };
    if (typeof fields["runId"] === "string") return { is: "head", head: value as unknown as ProvedHead };
    if (fields["end"] === true) return { is: "end", end: value as unknown as ArchiveEnd };
  }
  throw new Error(`not a line of an archive: ${text.slice(0, 80)}`);
}
