import type { RunId } from "../../core/run/ids.ts";
import type { Approval, Branch, Run, Signal, Step } from "../../core/run/run.ts";
import type { Once } from "../../engine/ports/runs.ts";
import type { Row } from "./tables.ts";
import { LARGE_IN_BRANCH, type Texts } from "./texts.ts";

/** The columns of a run's row that change with its lifecycle. */
export const RUN_LIFECYCLE = [
  "lifecycle",
  "epoch",
  "started_at",
  "finished_at",
  "deadline",
  "reason",
  "output",
  "error",
] as const;

/** The values of `RUN_LIFECYCLE`. */
export function lifecycleRow(run: Run, texts: Texts): Row {
  const { lifecycle } = run;
  return [
    lifecycle.status,
    run.epoch,
    run.startedAt,
    "at" in lifecycle ? lifecycle.at : null,
    run.deadline,
    "reason" in lifecycle ? lifecycle.reason : null,
    "output" in lifecycle ? texts.cell(lifecycle.output) : null,
    "error" in lifecycle ? texts.cell(lifecycle.error) : null,
  ];
}

/** A new run's row; what waits and what was received is added to its counters by the transition. */
export function runRow(run: Run, texts: Texts): Row {
  const [status, epoch, startedAt, finishedAt, deadline, reason, output, error] = lifecycleRow(run, texts);
  return [
    run.id,
    run.workflow.environment,
    run.workflow.id,
    run.workflow.version,
    status ?? null,
    epoch ?? null,
    0,
    0,
    0,
    run.simulated ? 1 : 0,
    run.createdAt,
    startedAt ?? null,
    finishedAt ?? null,
    deadline ?? null,
    run.startedBy,
    reason ?? null,
    texts.required(run.labels),
    texts.required(run.input),
    output ?? null,
    error ?? null,
    run.traceparent,
    run.rerunOf && texts.text(run.rerunOf),
    run.concurrencyKey,
    run.concurrencyKey === null ? null : (run.definition.concurrency?.limit ?? null),
    run.calledBy && texts.text(run.calledBy),
  ];
}

const varsTexts = new WeakMap<object, string>();

/** The bindings of a branch stay the same object while it lasts: written as text once. */
function varsOf(vars: Branch["vars"], texts: Texts): string {
  let text = varsTexts.get(vars);
  if (text === undefined) {
    text = JSON.stringify(vars);
    varsTexts.set(vars, text);
  }
  return texts.kept(text, LARGE_IN_BRANCH);
}

export function branchRow(runId: RunId, branch: Branch, texts: Texts): Row {
  const { position, children } = branch;
  const closed = position.at === "closed";
  return [
    runId,
    branch.path,
    branch.openedAt,
    branch.version,
    closed ? null : position.state,
    position.at === "in" ? position.stepId : null,
    closed ? position.closedAt : null,
    closed ? texts.cell(position.outcome) : null,
    closed ? position.outcome.status : null,
    varsOf(branch.vars, texts),
    children.opened,
    children.succeeded,
    children.failed,
  ];
}

export function stepRow(runId: RunId, step: Step, texts: Texts): Row {
  const { progress, exit } = step;
  const lease = progress.status === "RUNNING" && "lease" in progress ? progress.lease : null;
  const waiting = progress.status === "RUNNING" && "waiting" in progress ? progress.waiting : null;
  return [
    runId,
    step.branch,
    step.id,
    step.state,
    step.type,
    step.action,
    step.visit,
    step.enteredAt,
    texts.cell(step.input),
    progress.status,
    step.attempt,
    step.startedAt,
    step.finishedAt,
    step.deadline,
    progress.status === "PENDING" ? progress.dueAt : waiting?.for === "timer" ? waiting.dueAt : null,
    lease?.worker ?? null,
    lease?.token ?? ("token" in progress ? (progress.token ?? null) : null),
    waiting?.for === "run" ? "children" : (waiting?.for ?? null),
    waiting?.for === "signal" ? waiting.name : null,
    progress.status === "WAITING_APPROVAL" ? progress.approvalId : null,
    step.agentRunId,
    progress.status === "SUCCEEDED" ? texts.cell(progress.output) : null,
    "error" in progress ? texts.cell(progress.error) : null,
    texts.cell(step.validation),
    exit?.order ?? null,
    exit?.resultPath ?? null,
    exit ? texts.cell(exit.merge ?? undefined) : null,
    exit ? texts.cell(exit.result) : null,
    step.reusedFrom,
    step.calledRunId,
    exit && exit.whole.length > 0 ? texts.text(exit.whole) : null,
  ];
}

export function approvalRow(runId: RunId, approval: Approval, texts: Texts): Row {
  return [
    approval.id,
    runId,
    approval.stepId,
    approval.branch,
    approval.state,
    approval.status,
    approval.message,
    approval.title,
    texts.required(approval.summary),
    texts.text(approval.approvers),
    texts.text(approval.quorum),
    approval.excludeStarter ? 1 : 0,
    approval.requestedAt,
    approval.expiresAt,
    approval.digest,
    texts.text(approval.decisions),
    texts.text(approval.terms),
    texts.text(approval.delegations),
    approval.remindedAt,
    approval.escalations,
    texts.text(approval.escalatedTo),
    approval.revision,
  ];
}

export function signalRow(runId: RunId, signal: Signal, texts: Texts): Row {
  return [runId, signal.id, signal.name, texts.required(signal.payload), signal.at];
}

export function onceRow({ principal, route, key, requestHash, answer, expiresAt }: Once): Row {
  return [principal, route, key, requestHash, JSON.stringify(answer), expiresAt];
}
