import type { JsonObject } from "../../core/json.ts";
import { Lru } from "../../core/lru.ts";
import { type BranchPath, lineage, ROOT, type RunId } from "../../core/run/ids.ts";
import type { Approval, Branch, Run, Signal, Step, WorkflowRef } from "../../core/run/run.ts";
import type { Loaded } from "../../engine/ports/runs.ts";
import type { BranchCache } from "./branch-cache.ts";
import { type Cells, type Database, type Query, wide } from "./database.ts";
import type { Definitions } from "./definitions.ts";
import { fold, leftSteps, stepsFrom } from "./fold.ts";
import { payloadsOf } from "./payloads.ts";
import { charactersIn } from "./portions.ts";
import {
  approvalFrom,
  BRANCH_HEAD,
  type BranchHead,
  branchFrom,
  Cursor,
  lifecycleFrom,
  stepFrom,
} from "./read-rows.ts";
import { APPROVALS, prefixed, STEPS } from "./tables.ts";
import { parsed, parsedRequired } from "./texts.ts";

const STEP_COLUMNS = STEPS.columns.slice(1);

const HEAD_COLUMNS = `r.lifecycle, r.finished_at, r.reason, r.output, r.error, r.epoch, r.mailbox_version,
  r.open_approvals, r.open_signals, r.simulated, r.started_at, r.deadline, o.revision, l.expires_at,
  ${prefixed("b", BRANCH_HEAD)}, ${prefixed("s", STEP_COLUMNS)}`;
/** Where the columns of the branch and its step begin. */
const BRANCH_AT = 14;
const STEP_AT = BRANCH_AT + BRANCH_HEAD.length;

const HEAD_JOINS = `left join workflow_run_steps s on s.run_id = b.run_id and s.branch = b.path and s.step_id = b.step_id
left join workflow_leases l on l.kind = 'process' and l.name = s.lease_owner
left join workflow_outbox o on o.run_id = r.run_id and o.target = ?2
where r.run_id = ?1`;

/** The run, the branch, the step it stands on, its worker's lease and its alarm: one row. */
const HEAD = wide(
  HEAD_COLUMNS,
  `from workflow_runs r
left join workflow_run_branches b on b.run_id = r.run_id and b.path = ?2 ${HEAD_JOINS}`,
);

/** The same with a row for each branch of a lineage. */
const LINEAGE = wide(
  HEAD_COLUMNS,
  `from workflow_runs r
join json_each(?3) p
left join workflow_run_branches b on b.run_id = r.run_id and b.path = p.value ${HEAD_JOINS}`,
);

const FIXED = `select r.workflow_id, r.workflow_version, r.environment, v.created_by, r.created_at, r.started_by,
  r.labels, r.input, r.traceparent, r.rerun_of, r.concurrency_key, r.called_by
from workflow_runs r left join workflow_definition_versions v
  on v.environment = r.environment and v.id = r.workflow_id and v.version = r.workflow_version
where r.run_id = ?`;

const MAILBOX = `select signal_id, name, payload, at from workflow_signals
where run_id = ? and consumed_by is null order by position`;

const APPROVAL = `select ${APPROVALS.columns.filter((c) => c !== "run_id").join(", ")} from workflow_approvals
where run_id = ?1 and step_id = (select step_id from workflow_run_branches where run_id = ?1 and path = ?2)`;

/** What never changes about a run. */
type Fixed = Pick<
  Run,
  | "workflow"
  | "definition"
  | "input"
  | "labels"
  | "traceparent"
  | "startedBy"
  | "createdAt"
  | "rerunOf"
  | "calledBy"
  | "concurrencyKey"
>;

/** Reads what a decision needs. `oneTrip`: asks for everything that may be needed at once, for a far database. */
export class Loader {
  readonly #db: Database;
  readonly #oneTrip: boolean;
  readonly #definitions: Definitions;
  readonly #branches: BranchCache;
  readonly #fixed = new Lru<RunId, Fixed>(2_000);

  constructor(db: Database, oneTrip: boolean, definitions: Definitions, branches: BranchCache) {
    this.#db = db;
    this.#oneTrip = oneTrip;
    this.#definitions = definitions;
    this.#branches = branches;
  }

  async load(runId: RunId, path: BranchPath): Promise<Loaded | null> {
    const paths = lineage(path);
    const asked = new Asked(this.#db);
    const head = asked.ask(
      paths.length === 1
        ? { ...HEAD, args: [runId, path], single: true }
        : { ...LINEAGE, args: [runId, path, JSON.stringify(paths)] },
    );
    const known = this.#fixed.get(runId);
    const fixed = known ? null : asked.ask({ sql: FIXED, args: [runId], single: true });
    if (this.#oneTrip) {
      asked.ask({ sql: MAILBOX, args: [runId] });
      asked.ask({ sql: APPROVAL, args: [runId, path] });
      for (const each of paths) asked.ask(leftSteps(runId, each, this.#branches.get(runId, each)));
    }
    await asked.answers();

    const rows = asked.rows(head);
    const [first] = rows;
    if (!first) return null;
    const stable = known ?? (await this.#fixedOf(runId, fixed ? asked.rows(fixed) : []));
    const payloads = await payloadsOf(this.#db, runId, rows);
    const cursor = new Cursor(first);
    const lifecycle = lifecycleFrom(cursor, payloads);
    const epoch = cursor.number();
    const mailboxVersion = cursor.number();
    const openApprovals = cursor.number();
    const openSignals = cursor.number();
    const simulated = cursor.number() === 1;
    const startedAt = cursor.optionalNumber();
    const deadline = cursor.optionalNumber();
    const alarm = cursor.number();

    const branches: Record<BranchPath, Branch> = {};
    const steps: Record<string, Step> = {};
    let own: Step | null = null;
    let leaseUntil: number | null = null;
    for (const row of rows) {
      if ((row[BRANCH_AT] ?? null) === null) continue;
      const found = branchFrom(new Cursor(row, BRANCH_AT), payloads);
      const step = (row[STEP_AT] ?? null) === null ? null : stepFrom(new Cursor(row, STEP_AT), payloads);
      if (step) steps[step.id] = step;
      if (found.path === path) {
        own = step;
        leaseUntil = row[13] as number | null;
      }
      branches[found.path] = await this.#branchOf(runId, found, step, stable.input, asked);
    }
    if (!branches[path] && path !== ROOT) return null;

    const mailbox =
      mailboxVersion > 0
        ? await this.#mailbox(runId, await asked.rowsOf({ sql: MAILBOX, args: [runId] }))
        : [];
    const approvals: Record<string, Approval> = {};
    if (own?.progress.status === "WAITING_APPROVAL") {
      const found = await asked.rowsOf({ sql: APPROVAL, args: [runId, path] });
      const bodies = await payloadsOf(this.#db, runId, found);
      for (const row of found) {
        const approval = approvalFrom(new Cursor(row), bodies);
        approvals[approval.id] = approval;
      }
    }
    const run: Run = {
      id: runId,
      ...stable,
      startedAt,
      deadline,
      lifecycle,
      epoch,
      mailboxVersion,
      openApprovals,
      openSignals,
      simulated,
      branches,
      steps,
      approvals,
      mailbox,
    };
    return { run, alarm, leaseUntil };
  }

  async #branchOf(
    runId: RunId,
    head: BranchHead,
    step: Step | null,
    input: JsonObject,
    asked: Asked,
  ): Promise<Branch> {
    const cached = this.#branches.get(runId, head.path);
    // Read before a commit that the cache knows of already: only from the start is it certain.
    const known = cached && cached.version <= head.version ? cached : undefined;
    if (known?.version === head.version) return { ...known, ...head, vars: known.vars };
    const rows = await asked.rowsOf(leftSteps(runId, head.path, known));
    const left = stepsFrom(rows, await payloadsOf(this.#db, runId, rows));
    const branch = fold(known ?? null, head, left, step, input);
    this.#branches.put(runId, branch, charactersIn(rows));
    return branch;
  }

  /** What is remembered of a run is not what is kept of it any more. */
  forget(runId: RunId): void {
    this.#fixed.delete(runId);
    this.#branches.forget(runId, ROOT);
  }

  async #fixedOf(runId: RunId, rows: readonly Cells[]): Promise<Fixed> {
    const [row] = rows;
    if (!row) throw new Error(`run ${runId} was there and is not any more`);
    const cursor = new Cursor(row);
    const [id, version, environment] = [cursor.text(), cursor.number(), cursor.text()];
    const author = cursor.optionalText();
    const workflow: WorkflowRef = { id, version, environment, ...(author !== null && { author }) };
    const createdAt = cursor.number();
    const startedBy = cursor.text();
    const payloads = await payloadsOf(this.#db, runId, rows);
    const labels = parsedRequired<Run["labels"]>(cursor.optionalText(), payloads);
    const input = parsedRequired<JsonObject>(cursor.optionalText(), payloads);
    const traceparent = cursor.optionalText();
    const definition = await this.#definitions.get(workflow);
    const rerunOf = (parsed(cursor.optionalText(), payloads) ?? null) as Run["rerunOf"];
    const concurrencyKey = cursor.optionalText();
    const calledBy = (parsed(cursor.optionalText(), payloads) ?? null) as Run["calledBy"];
    const fixed = {
      ...{ workflow, definition, input, labels, traceparent, startedBy, createdAt, rerunOf },
      ...{ concurrencyKey, calledBy },
    };
    this.#fixed.set(runId, fixed);
    return fixed;
  }

  async #mailbox(runId: RunId, rows: readonly Cells[]): Promise<readonly Signal[]> {
    const payloads = await payloadsOf(this.#db, runId, rows);
    return rows.map((row) => {
      const cursor = new Cursor(row);
      return {
        id: cursor.text(),
        name: cursor.text(),
        payload: parsedRequired(cursor.optionalText(), payloads),
        at: cursor.number(),
      };
    });
  }
}

/** Queries that are asked in one go; one that was not foreseen is asked when it turns out to be needed. */
class Asked {
  readonly #db: Database;
  readonly #queries: Query[] = [];
  #answers: readonly (readonly Cells[])[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  ask(query: Query): Query {
    this.#queries.push(query);
    return query;
  }

  async answers(): Promise<void> {
    this.#answers = await this.#db.read(this.#queries);
  }

  rows(query: Query): readonly Cells[] {
    return this.#answers[this.#queries.indexOf(query)] ?? [];
  }

  async rowsOf(query: Query): Promise<readonly Cells[]> {
    const text = JSON.stringify(query.args);
    const index = this.#queries.findIndex(
      ({ sql, args }) => sql === query.sql && JSON.stringify(args) === text,
    );
    if (index >= 0) return this.#answers[index] ?? [];
    const [rows = []] = await this.#db.read([query]);
    return rows;
  }
}
