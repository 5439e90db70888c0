import { didYouMean } from "../core/definition/suggest.ts";
import { finalError } from "../core/run/errors.ts";
import { ROOT } from "../core/run/ids.ts";
import type { CallStanding, RunCall } from "../core/run/questions.ts";
import type { Run, StepError } from "../core/run/run.ts";
import { attemptSpanId, traceOf, traceparent } from "../core/trace/context.ts";
import type { Ports } from "./ports.ts";
import { type StartResult, startRun } from "./start-run.ts";

type CallPorts = Pick<Ports, "store" | "clock" | "schemas" | "expressions">;

/**
 * How a called run goes; one that is not there yet is started. Whoever asks twice starts it once: it has the id that the
 * call names. It is started on behalf of whoever started the run that calls, who must not come to decide in it either.
 */
export async function standingOf(ports: CallPorts, run: Run, call: RunCall): Promise<CallStanding> {
  const there = await ports.store.runs.load(call.runId, ROOT);
  if (there) {
    const { lifecycle } = there.run;
    return "at" in lifecycle ? { status: "over", lifecycle } : { status: "open" };
  }
  if (call.until !== null && call.until <= ports.clock.now()) return { status: "open" };
  const { stepId, attempt } = call.calledBy;
  const { environment } = run.workflow;
  const result = await startRun(ports, {
    runId: call.runId,
    environment,
    workflowId: call.workflow,
    ...(call.version !== null && { version: call.version }),
    input: call.input,
    by: { actor: run.startedBy, channel: "run" },
    traceparent: traceparent(traceOf(run).traceId, attemptSpanId(stepId, attempt)),
    calledBy: call.calledBy,
  });
  if (result.status === "started") return { status: "open" };
  return { status: "refused", error: await errorOf(ports, run, call, result) };
}

async function errorOf(
  { store }: CallPorts,
  { workflow: { environment } }: Run,
  { workflow, version }: RunCall,
  result: Exclude<StartResult, { status: "started" }>,
): Promise<StepError> {
  const at = version === null ? `"${workflow}"` : `version ${version} of "${workflow}"`;
  switch (result.status) {
    case "unknown-workflow": {
      const ids = (await store.workflows.list(environment)).map(({ id }) => id);
      const meant = ids.includes(workflow) ? undefined : didYouMean(workflow, ids);
      const message = `workflow not found: ${at} in environment "${environment}"${meant ? ` (${meant})` : ""}`;
      return finalError("validation", "WORKFLOW_NOT_FOUND", message);
    }
    case "disabled":
      return finalError("validation", "WORKFLOW_DISABLED", `workflow ${at} is disabled: it starts no runs`);
    case "invalid-input": {
      const faults = result.errors.map(({ pointer, message }) => `${pointer || "/"} ${message}`).join("; ");
      const details = result.errors.map(({ pointer, message, keyword }) => ({ pointer, message, keyword }));
      const message = `the input for a run of workflow ${at} does not match its schema: ${faults}`;
      return finalError("validation", "SCHEMA_VALIDATION_INPUT", message, details);
    }
    case "refused": {
      const { message } = result.refusal;
      return { type: "engine", code: "CONCURRENCY_LIMIT", message, retryable: true };
    }
    case "key-reused":
      throw new Error(`a call of workflow "${workflow}" has no idempotency key and cannot use one twice`);
  }
}
