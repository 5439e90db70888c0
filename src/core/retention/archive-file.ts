import { chainHash, chainStart } from "../audit/chain.ts";
import type { JsonObject, JsonValue } from "../json.ts";

/** The first line of an archive: which columns its rows have, by table. */
export type ArchiveHeader = {
  readonly stationArchive: 1;
  readonly archiveId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly tables: Readonly<Record<string, readonly string[]>>;
};

/** The line before a run's rows: the head of its hash chain. */
export type ArchivedHead = {
  readonly runId: string;
  readonly environment: string;
  readonly seq: number;
  readonly hash: string;
  /** The number of the checkpoint that vouches for it. */
  readonly checkpoint: number;
};

/** A row: its table's name, and its cells in the order of the header's columns. */
export type ArchivedRow = readonly [table: string, ...cells: (string | number | null)[]];

/** The last line. */
export type ArchiveEnd = { readonly end: true; readonly runs: number; readonly rows: number };

/** A line of an archive. Rows before the first head belong to the workflows of the runs. */
export type ArchiveLine =
  | { readonly is: "header"; readonly header: ArchiveHeader }
  | { readonly is: "head"; readonly head: ArchivedHead }
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
    if (typeof fields["runId"] === "string") return { is: "head", head: value as unknown as ArchivedHead };
    if (fields["end"] === true) return { is: "end", end: value as unknown as ArchiveEnd };
  }
  throw new Error(`not a line of an archive: ${text.slice(0, 80)}`);
}

/** What was found in an archive. With `problems` it proves nothing. */
export type ArchiveContents = {
  readonly header: ArchiveHeader | null;
  readonly runs: readonly ArchivedHead[];
  readonly rows: number;
  readonly problems: readonly string[];
};

type Chain = { readonly head: ArchivedHead; seq: number; hash: string };

/** Follows an archive line by line: every run's events are there, in order, and lead to its head. */
export class ArchiveCheck {
  #header: ArchiveHeader | null = null;
  #places: ReadonlyMap<string, number> = new Map();
  #chain: Chain | null = null;
  #rows = 0;
  #end: ArchiveEnd | null = null;
  readonly #runs: ArchivedHead[] = [];
  readonly #problems: string[] = [];

  line(line: ArchiveLine): void {
    if (this.#end) this.#problems.push("there is something behind the last line");
    switch (line.is) {
      case "header":
        this.#header = line.header;
        this.#places = new Map((line.header.tables[EVENTS] ?? []).map((name, at) => [name, at + 1]));
        break;
      case "head":
        this.#closeRun();
        this.#runs.push(line.head);
        this.#chain = { head: line.head, seq: 0, hash: chainStart(line.head.runId) };
        break;
      case "row":
        this.#rows++;
        if (line.row[0] === EVENTS) this.#event(line.row);
        break;
      case "end":
        this.#closeRun();
        this.#end = line.end;
        break;
    }
  }

  contents(): ArchiveContents {
    const problems = [...this.#problems];
    if (!this.#header) problems.push("it does not begin like an archive");
    if (!this.#end) problems.push("it has no end: the file was cut off");
    else if (this.#end.rows !== this.#rows || this.#end.runs !== this.#runs.length)
      problems.push(
        `it has ${this.#runs.length} runs and ${this.#rows} rows, and says ${this.#end.runs} and ${this.#end.rows}`,
      );
    return { header: this.#header, runs: this.#runs, rows: this.#rows, problems };
  }

  #event(row: ArchivedRow): void {
    const cell = (name: string) => row[this.#places.get(name) ?? -1] ?? null;
    const chain = this.#chain;
    const runId = String(cell("run_id"));
    if (chain?.head.runId !== runId) {
      this.#problems.push(`an event of ${runId} stands among those of ${chain?.head.runId ?? "no run"}`);
      return;
    }
    const spilled = cell("spilled");
    const event = {
      runId,
      seq: Number(cell("seq")),
      type: String(cell("type")),
      at: Number(cell("at")),
      actor: String(cell("actor")),
      data: String(cell("data")),
      spilled: spilled === null ? null : String(spilled),
    };
    if (event.seq !== chain.seq + 1)
      this.#problems.push(`${runId}: event ${event.seq} follows event ${chain.seq}`);
    chain.seq = event.seq;
    chain.hash = chainHash(chain.hash, event);
  }

  #closeRun(): void {
    const chain = this.#chain;
    this.#chain = null;
    if (!chain) return;
    const { head, seq, hash } = chain;
    if (seq !== head.seq) this.#problems.push(`${head.runId}: it has ${seq} of ${head.seq} events`);
    else if (hash !== head.hash)
      this.#problems.push(`${head.runId}: its events do not lead to the head of its chain`);
  }
}

const EVENTS = "workflow_run_events";
