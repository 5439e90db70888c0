import type { StateType } from "../../core/definition/types.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Path } from "../../core/path.ts";
import { NO_TERMS } from "../../core/run/approvals/evolve-approval.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "../../core/run/ids.ts";
import type {
  Approval,
  Branch,
  Children,
  Lifecycle,
  Outcome,
  Position,
  Step,
  StepError,
  StepExit,
  StepProgress,
  Waiting,
} from "../../core/run/run.ts";
import { NewerData } from "../../engine/errors.ts";
import type { Cell, Cells } from "./database.ts";
import { type Payloads, parsed, parsedRequired } from "./texts.ts";

/** Reads the cells of a row one after the other, in the order in which the columns were selected. */
export class Cursor {
  readonly #row: Cells;
  #next: number;

  constructor(row: Cells, from = 0) {
    this.#row = row;
    this.#next = from;
  }

  cell(): Cell {
    return this.#row[this.#next++] ?? null;
  }

  text(): string {
    return String(this.cell());
  }

  optionalText(): string | null {
    return this.cell() as string | null;
  }

  number(): number {
    return Number(this.cell());
  }

  optionalNumber(): number | null {
    return this.cell() as number | null;
  }
}

/** From `lifecycle, finished_at, reason, output, error`. */
export function lifecycleFrom(cursor: Cursor, payloads: Payloads): Lifecycle {
  const status = cursor.text() as Lifecycle["status"];
  const at = cursor.number();
  const reason = cursor.optionalText();
  const output = cursor.optionalText();
  const error = cursor.optionalText();
  switch (status) {
    case "PENDING":
    case "RUNNING":
      return { status };
    case "PAUSED":
      return { status, reason };
    case "CANCELLED":
      return { status, at, reason };
    case "COMPLETED":
      return { status, at, output: parsedRequired(output, payloads) };
    case "FAILED":
    case "TIMED_OUT":
      return { status, at, error: parsedRequired<StepError>(error, payloads) };
  }
  return unheardOf("a run's status", status);
}

/** For a word that no program of this version writes. */
function unheardOf(what: string, word: never): never {
  throw new NewerData(`${what} is "${word}", which this program does not know: a newer one has to go on`);
}

/** What a branch's row holds; the rest of a branch is folded from its steps. */
export type BranchHead = Pick<Branch, "path" | "version" | "openedAt" | "position" | "vars" | "children">;

/** The columns of a branch that `branchFrom` expects. */
export const BRANCH_HEAD = [
  "path",
  "version",
  "opened_at",
  "state",
  "step_id",
  "closed_at",
  "outcome",
  "vars",
  "children_opened",
  "children_succeeded",
  "children_failed",
] as const;

export function branchFrom(cursor: Cursor, payloads: Payloads): BranchHead {
  const path = cursor.text() as BranchPath;
  const version = cursor.number();
  const openedAt = cursor.number();
  const state = cursor.optionalText();
  const stepId = cursor.optionalText() as StepId | null;
  const closedAt = cursor.number();
  const outcome = cursor.optionalText();
  const position: Position =
    state === null
      ? { at: "closed", closedAt, outcome: parsedRequired<Outcome>(outcome, payloads) }
      : stepId === null
        ? { at: "before", state }
        : { at: "in", state, stepId };
  const vars = parsedRequired<JsonObject>(cursor.optionalText(), payloads);
  const children: Children = {
    opened: cursor.number(),
    succeeded: cursor.number(),
    failed: cursor.number(),
  };
  return { path, version, openedAt, position, vars, children };
}

/** From a step's columns without `run_id`, in the order of `STEPS`. */
export function stepFrom(cursor: Cursor, payloads: Payloads): Step {
  const branch = cursor.text() as BranchPath;
  const id = cursor.text() as StepId;
  const state = cursor.text();
  const type = cursor.text() as StateType;
  const action = cursor.optionalText() as Step["action"];
  const visit = cursor.number();
  const enteredAt = cursor.number();
  const input = parsed(cursor.optionalText(), payloads);
  const status = cursor.text() as StepProgress["status"];
  const attempt = cursor.number();
  const startedAt = cursor.optionalNumber();
  const finishedAt = cursor.optionalNumber();
  const deadline = cursor.optionalNumber();
  const dueAt = cursor.number();
  const worker = cursor.optionalText();
  const token = cursor.optionalNumber();
  const claimed = token === null ? {} : { token };
  const waitingFor = cursor.optionalText() as StoredWaiting | null;
  const name = cursor.text();
  const approvalId = cursor.text() as ApprovalId;
  const agentRunId = cursor.optionalText();
  const output = cursor.optionalText();
  const error = cursor.optionalText();
  const validation = parsed(cursor.optionalText(), payloads);
  const left = exitFrom(cursor, payloads);
  const reusedFrom = cursor.optionalText() as StepId | null;
  const calledRunId = cursor.optionalText() as RunId | null;
  const whole = (parsed(cursor.optionalText(), payloads) ?? []) as readonly Path[];
  const progress = (): StepProgress => {
    switch (status) {
      case "PENDING":
        return {
          status,
          dueAt,
          ...(error === null ? {} : { error: parsedRequired<StepError>(error, payloads) }),
          ...claimed,
        };
      case "RUNNING":
        if (waitingFor === null) return { status, lease: { worker: worker ?? "", token: token ?? 0 } };
        // A call waits for its children too: the one run it has started.
        if (waitingFor === "children" && calledRunId !== null)
          return { status, waiting: { for: "run", runId: calledRunId } };
        return { status, waiting: waitingFrom(waitingFor, name, dueAt) };
      case "WAITING_APPROVAL":
        return { status, approvalId, ...claimed };
      case "SUCCEEDED":
        return { status, output: parsedRequired(output, payloads) };
      case "FAILED":
      case "TIMED_OUT":
        return { status, error: parsedRequired<StepError>(error, payloads) };
      case "CANCELLED":
        return { status };
    }
    return unheardOf("a step's status", status);
  };
  return {
    id,
    branch,
    state,
    type,
    action,
    visit,
    enteredAt,
    startedAt,
    finishedAt,
    attempt,
    input,
    deadline,
    progress: progress(),
    agentRunId,
    calledRunId,
    validation,
    exit: left && { ...left, whole },
    reusedFrom,
  };
}

/** The words of the column `waiting`. */
type StoredWaiting = Exclude<Waiting["for"], "run">;

function waitingFrom(kind: StoredWaiting, name: string, dueAt: number): Waiting {
  switch (kind) {
    case "children":
      return { for: kind };
    case "timer":
      return { for: kind, dueAt };
    case "signal":
      return { for: kind, name };
  }
}

function exitFrom(cursor: Cursor, payloads: Payloads): Omit<StepExit, "whole"> | null {
  const order = cursor.optionalNumber();
  const resultPath = cursor.optionalText();
  const merge = parsed(cursor.optionalText(), payloads) as JsonObject | undefined;
  const result = parsed(cursor.optionalText(), payloads);
  return order === null ? null : { order, resultPath, merge: merge ?? null, result };
}

/** From an approval's columns in the order of `APPROVALS`, without `run_id`. */
export function approvalFrom(cursor: Cursor, payloads: Payloads): Approval {
  const id = cursor.text() as ApprovalId;
  const stepId = cursor.text() as StepId;
  const branch = cursor.text() as BranchPath;
  const state = cursor.text();
  const status = cursor.text() as Approval["status"];
  const message = cursor.text();
  const title = cursor.optionalText();
  const summary = parsedRequired(cursor.optionalText(), payloads);
  const approvers = parsedRequired<readonly string[]>(cursor.optionalText(), payloads);
  const quorum = parsedRequired<Approval["quorum"]>(cursor.optionalText(), payloads);
  const excludeStarter = cursor.number() === 1;
  const requestedAt = cursor.number();
  const expiresAt = cursor.optionalNumber();
  const digest = cursor.text();
  const decisions = parsedRequired<Approval["decisions"]>(cursor.optionalText(), payloads);
  const terms = parsedRequired<Partial<Approval["terms"]>>(cursor.optionalText(), payloads);
  const delegations = parsedRequired<Approval["delegations"]>(cursor.optionalText(), payloads);
  const remindedAt = cursor.optionalNumber();
  const escalations = cursor.number();
  const escalatedTo = parsedRequired<readonly string[]>(cursor.optionalText(), payloads);
  const revision = cursor.number();
  return {
    id,
    stepId,
    branch,
    state,
    message,
    title,
    summary,
    approvers,
    quorum,
    excludeStarter,
    requestedAt,
    expiresAt,
    digest,
    terms: { ...NO_TERMS, ...terms },
    decisions,
    delegations,
    remindedAt,
    escalations,
    escalatedTo,
    status,
    revision,
  };
}
