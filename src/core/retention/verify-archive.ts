import { hash } from "node:crypto";
import { chainHash, chainStart, purgedDigest } from "../audit/chain.ts";
import { checkpointHash, type KeptCheckpoint, readCheckpoint } from "../audit/checkpoint.ts";
import { rootBy } from "../audit/merkle.ts";
import { piecesIn, wholeValues } from "../audit/pieces.ts";
import { signatureProblem } from "../audit/signature.ts";
import { definitionDigest } from "../definition/canonical.ts";
import type { Definition } from "../definition/types.ts";
import type {
  ArchivedHead,
  ArchivedRow,
  ArchiveEnd,
  ArchiveHeader,
  ArchiveLine,
  ProvedHead,
} from "./archive-file.ts";

/** What was found in an archive. With `problems` it proves nothing. */
export type ArchiveContents = {
  readonly header: ArchiveHeader | null;
  readonly runs: readonly ArchivedHead[];
  readonly rows: number;
  /** How many runs a checkpoint vouches for that a key signed, by the key's fingerprint. */
  readonly signed: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
};

type Chain = {
  readonly head: ArchivedHead;
  seq: number;
  hash: string;
  /** Large values by their hash: those that events refer to, and those that are there. */
  readonly wanted: Set<string>;
  readonly there: Set<string>;
  /** Those that are kept in pieces, with the pieces, which stand behind them. */
  readonly inPieces: Map<string, string>;
  readonly pieces: Set<string>;
};

/**
 * Follows an archive line by line: every run's events are there, in order, and lead to its head, which a checkpoint
 * vouches for; values and definitions are what the events say. With `keys` (fingerprints) only what one of them signed
 * counts.
 */
export class ArchiveCheck {
  readonly #keys: ReadonlySet<string>;
  #header: ArchiveHeader | null = null;
  #places: Readonly<Record<string, ReadonlyMap<string, number>>> = {};
  #chain: Chain | null = null;
  #rows = 0;
  #end: ArchiveEnd | null = null;
  readonly #checkpoints = new Map<number, KeptCheckpoint>();
  readonly #signers = new Map<number, string | null>();
  readonly #signed = new Map<string, number>();
  /** The digest of each version of a workflow, by `environment/id/version`. */
  readonly #definitions = new Map<string, string>();
  readonly #runs: ArchivedHead[] = [];
  readonly #problems: string[] = [];

  constructor(keys: ReadonlySet<string> = new Set()) {
    this.#keys = keys;
  }

  line(line: ArchiveLine): void {
    if (this.#end) this.#problems.push("there is something behind the last line");
    switch (line.is) {
      case "header":
        this.#header = line.header;
        this.#places = Object.fromEntries(
          Object.entries(line.header.tables).map(([table, names]) => [
            table,
            new Map(names.map((name, at) => [name, at + 1])),
          ]),
        );
        break;
      case "checkpoint":
        this.#checkpoints.set(line.checkpoint.number, line.checkpoint);
        break;
      case "head":
        this.#closeRun();
        this.#begin(line.head);
        break;
      case "row":
        this.#rows++;
        this.#row(line.row);
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
    return { header: this.#header, runs: this.#runs, rows: this.#rows, signed: this.#signed, problems };
  }

  #begin(head: ProvedHead): void {
    const { runId, checkpoint: number, proof } = head;
    this.#runs.push(head);
    const start = chainStart(runId);
    this.#chain = {
      head,
      seq: 0,
      hash: start,
      wanted: new Set(),
      there: new Set(),
      inPieces: new Map(),
      pieces: new Set(),
    };
    const kept = this.#checkpoints.get(number);
    const checkpoint = kept ? readCheckpoint(kept.body) : "it is not in the file";
    if (typeof checkpoint === "string" || checkpoint.number !== number || !Array.isArray(proof)) {
      const why = typeof checkpoint === "string" ? checkpoint : "it is another one, or its proof is missing";
      this.#problems.push(`${runId}: checkpoint ${number} does not vouch for it: ${why}`);
      return;
    }
    if (rootBy(head, proof) !== checkpoint.root)
      this.#problems.push(
        `${runId}: checkpoint ${number} does not vouch for it: its proof leads to another root`,
      );
    const signer = this.#signerOf(number);
    if (signer !== null) this.#signed.set(signer, (this.#signed.get(signer) ?? 0) + 1);
    if (this.#keys.size > 0 && !this.#keys.has(signer ?? ""))
      this.#problems.push(
        `${runId}: no key that is trusted here signed checkpoint ${number} or one after it`,
      );
  }

  /** Whose signature vouches for a checkpoint: its own, or that of the first signed one after it. */
  #signerOf(number: number): string | null {
    const known = this.#signers.get(number);
    if (known !== undefined) return known;
    const signer = this.#signature(number);
    this.#signers.set(number, signer);
    return signer;
  }

  #signature(number: number): string | null {
    let kept = this.#checkpoints.get(number);
    while (kept && kept.signature === null) {
      const next = this.#checkpoints.get(kept.number + 1);
      const read = next ? readCheckpoint(next.body) : null;
      if (read === null || typeof read === "string") return null;
      if (read.previous !== checkpointHash(kept.body)) {
        this.#problems.push(`checkpoint ${read.number} does not follow the one before it`);
        return null;
      }
      kept = next;
    }
    if (!kept?.signature) return null;
    const problem = signatureProblem(kept.body, kept.signature);
    if (problem === null) return kept.signature.keyId;
    this.#problems.push(`checkpoint ${kept.number}: ${problem}`);
    return null;
  }

  #row(row: ArchivedRow): void {
    const [table] = row;
    const cell = (name: string) => row[this.#places[table]?.get(name) ?? -1] ?? null;
    if (table === "workflow_run_events") this.#event(cell);
    else if (table === "workflow_payloads") this.#payload(String(cell("hash")), String(cell("body")));
    else if (table === "workflow_definition_versions") {
      const key = [cell("environment"), cell("id"), cell("version")].join("/");
      this.#definitions.set(key, digestOf(String(cell("definition"))));
    }
  }

  #event(cell: (name: string) => string | number | null): void {
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
      channel: String(cell("channel")),
      data: String(cell("data")),
      spilled: spilled === null ? null : String(spilled),
    };
    if (event.seq !== chain.seq + 1)
      this.#problems.push(`${runId}: event ${event.seq} follows event ${chain.seq}`);
    chain.seq = event.seq;
    chain.hash = chainHash(chain.hash, event);
    // Of data that was purged only the digest is left.
    if (purgedDigest(event.data) !== null) return;
    if (event.spilled === null && event.type !== "run.created") return;
    const data = fieldsOf(event.data);
    for (const field of event.spilled?.split(",") ?? []) chain.wanted.add(String(data[field]).slice(1));
    if (event.type === "run.created") this.#definition(runId, data);
  }

  /** A run says what it was started with. */
  #definition(runId: string, created: Readonly<Record<string, unknown>>): void {
    const { workflow, definition } = created;
    if (definition === undefined) return;
    const { environment, id, version } = (workflow ?? {}) as Readonly<Record<string, unknown>>;
    const found = this.#definitions.get([environment, id, version].join("/"));
    if (found !== definition)
      this.#problems.push(`${runId}: the definition is not the one that it was started with`);
  }

  #payload(name: string, body: string): void {
    const chain = this.#chain;
    if (!chain) return;
    const pieces = piecesIn(body);
    for (const piece of pieces ?? []) chain.pieces.add(piece);
    if (pieces !== null || chain.pieces.has(name)) chain.inPieces.set(name, body);
    if (hash("sha256", body) === name) chain.there.add(name);
  }

  #closeRun(): void {
    const chain = this.#chain;
    this.#chain = null;
    if (!chain) return;
    const { head, seq, hash: value, wanted, there } = chain;
    for (const [name, text] of wholeValues(chain.inPieces))
      if (hash("sha256", text) === name) there.add(name);
    if (seq !== head.seq) this.#problems.push(`${head.runId}: it has ${seq} of ${head.seq} events`);
    else if (value !== head.hash)
      this.#problems.push(`${head.runId}: its events do not lead to the head of its chain`);
    for (const name of wanted)
      if (!there.has(name))
        this.#problems.push(`${head.runId}: the large value ${name} is missing or another one`);
  }
}

function digestOf(definition: string): string {
  try {
    return definitionDigest(JSON.parse(definition) as Definition);
  } catch {
    // What is no definition has the digest of none.
    return "";
  }
}

function fieldsOf(data: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(data) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    // Changed into no JSON: the chain says so.
    return {};
  }
}
