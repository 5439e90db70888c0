import type {
  AgentRun,
  AgentRunStatus,
  Answer,
  Call,
  CallDecision,
  CallProgress,
  Question,
  Reply,
  Spent,
  Turn,
} from "../../core/agent/agent-run.ts";
import type { JsonObject } from "../../core/json.ts";
import type { BranchPath, RunId, StepId } from "../../core/run/ids.ts";
import type { StepError } from "../../core/run/run.ts";
import type { Cells } from "./database.ts";
import { Cursor } from "./read-rows.ts";

/** The columns of an agent run in the order in which `agentRunFrom` reads them. */
export const AGENT_RUN = `id, idempotency_key, environment, agent, agent_checksum, model, simulated, input, prompt,
  workflow_run_id, branch, step_id, attempt, root_id, parent_id, parent_call_id, chain, resumed_from, fence, status,
  question, answer, error, cancel_reason, created_at, finished_at`;

export const TURN = "seq, kind, ask, reply, tries, started_at, ended_at";

export const CALL = `call_id, turn, tool, args, tries, status, decision, result, is_error, spent, simulated, started_at,
  ended_at`;

/** An agent run and the fencing token of its last holder. */
export type KeptAgentRun = { readonly run: AgentRun; readonly fence: number };

/** From the rows of the three tables. */
export function agentRunFrom(row: Cells, turns: readonly Cells[], calls: readonly Cells[]): KeptAgentRun {
  const cursor = new Cursor(row);
  const head = {
    id: cursor.text(),
    idempotencyKey: cursor.text(),
    environment: cursor.text(),
    agent: cursor.text(),
    checksum: cursor.text(),
    model: cursor.text(),
    simulated: cursor.number() === 1,
    input: json<JsonObject>(cursor),
    prompt: json<AgentRun["prompt"]>(cursor),
  };
  const place = {
    runId: cursor.text() as RunId,
    branch: cursor.text() as BranchPath,
    stepId: cursor.text() as StepId,
    attempt: cursor.number(),
  };
  const family = {
    rootId: cursor.text(),
    parentId: cursor.optionalText(),
    parentCallId: cursor.optionalText(),
    chain: json<readonly string[]>(cursor),
  };
  const resumedFrom = cursor.optionalText();
  const fence = cursor.number();
  const status = statusFrom(cursor);
  const createdAt = cursor.number();
  const finishedAt = cursor.number();
  return {
    fence,
    run: {
      ...head,
      place,
      family,
      resumedFrom,
      status: status(finishedAt),
      turns: turns.map(turnFrom),
      calls: calls.map(callFrom),
      createdAt,
    },
  };
}

function statusFrom(cursor: Cursor): (at: number) => AgentRunStatus {
  const status = cursor.text() as AgentRunStatus["status"];
  const [question, answer, error, reason] = [
    cursor.optionalText(),
    cursor.optionalText(),
    cursor.optionalText(),
    cursor.optionalText(),
  ];
  return (at) => {
    switch (status) {
      case "running":
        return { status };
      case "waiting":
        return { status, question: JSON.parse(question ?? "null") as Question };
      case "completed":
        return { status, at, answer: JSON.parse(answer ?? "null") as Answer };
      case "failed":
        return { status, at, error: JSON.parse(error ?? "null") as StepError };
      case "cancelled":
        return { status, at, reason: reason ?? "" };
    }
  };
}

function turnFrom(row: Cells): Turn {
  const cursor = new Cursor(row);
  return {
    seq: cursor.number(),
    kind: cursor.text() as Turn["kind"],
    ask: cursor.optionalText(),
    reply: json<Reply>(cursor),
    tries: cursor.number(),
    startedAt: cursor.number(),
    endedAt: cursor.number(),
  };
}

function callFrom(row: Cells): Call {
  const cursor = new Cursor(row);
  const head = {
    id: cursor.text(),
    turn: cursor.number(),
    tool: cursor.text(),
    args: json<JsonObject>(cursor),
    tries: cursor.number(),
  };
  const status = cursor.text() as CallProgress["status"];
  const decision = optionalJson<CallDecision>(cursor);
  const text = cursor.text();
  const isError = cursor.number() === 1;
  const spent = optionalJson<Spent>(cursor);
  const simulated = cursor.number() === 1;
  const startedAt = cursor.optionalNumber();
  const at = cursor.number();
  const progress = (): CallProgress => {
    switch (status) {
      case "pending":
        return { status };
      case "started":
        return { status, at: startedAt ?? 0 };
      case "done":
        return {
          status,
          at,
          startedAt,
          text,
          isError,
          ...(spent ? { spent } : {}),
          ...(simulated ? { simulated } : {}),
        };
    }
  };
  return { ...head, decision, progress: progress() };
}

/** A call's cells in the order of `CALL`. */
export function callCells({ id, turn, tool, args, tries, decision, progress }: Call): Cells {
  const done = progress.status === "done" ? progress : null;
  return [
    id,
    turn,
    tool,
    JSON.stringify(args),
    tries,
    progress.status,
    decision ? JSON.stringify(decision) : null,
    done?.text ?? null,
    done ? Number(done.isError) : null,
    done?.spent ? JSON.stringify(done.spent) : null,
    done?.simulated ? 1 : 0,
    progress.status === "started" ? progress.at : (done?.startedAt ?? null),
    done?.at ?? null,
  ];
}

function json<T>(cursor: Cursor): T {
  return JSON.parse(cursor.text()) as T;
}

function optionalJson<T>(cursor: Cursor): T | null {
  const text = cursor.optionalText();
  return text === null ? null : (JSON.parse(text) as T);
}
