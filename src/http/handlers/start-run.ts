import { didYouMean } from "../../core/definition/suggest.ts";
import type { RunId } from "../../core/run/ids.ts";
import { untilEnded } from "../../engine/follow-run.ts";
import { type StartResult, startRun } from "../../engine/start-run.ts";
import { canonicalHash } from "../canonical.ts";
import type { Handlers } from "../handler.ts";
import { runJson } from "../json/runs.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";

const LONGEST_WAIT_SECONDS = 30;

/** `POST /workflow-runs`. */
export function startRunHandlers(ports: HttpPorts): Handlers<"startRun"> {
  return {
    async startRun(call) {
      const { body, headers, principal, idempotencyKey } = call;
      const { workflowId, input = {}, version, labels, environment = DEFAULT_ENVIRONMENT } = body;
      const waitSeconds = wantedWait(headers.prefer);
      const result = await startRun(ports, {
        environment,
        workflowId,
        input,
        actor: principal.id,
        traceparent: headers.traceparent,
        ...(version !== undefined && { version }),
        ...(labels && { labels }),
        ...(idempotencyKey !== null && {
          once: { principal: principal.id, key: idempotencyKey, requestHash: canonicalHash(body) },
        }),
      });
      const { runId, replayed } = await startedOf(ports, result, environment, workflowId, version);
      if (waitSeconds > 0) await ended(ports, runId, waitSeconds, call.signal);
      const run = await ports.store.queries.run(runId, ports.clock.now());
      if (!run) throw notFound(`run ${runId}`);
      return {
        body: runJson(run),
        headers: {
          location: `/api/v1/workflow-runs/${runId}`,
          ...(replayed && { "idempotent-replayed": "true" }),
          ...(waitSeconds > 0 && { "preference-applied": `wait=${waitSeconds}` }),
        },
      };
    },
  };
}

async function startedOf(
  ports: HttpPorts,
  result: StartResult,
  environment: string,
  workflowId: string,
  version: number | undefined,
): Promise<Extract<StartResult, { status: "started" }>> {
  switch (result.status) {
    case "started":
      return result;
    case "unknown-workflow": {
      const which = version === undefined ? "" : `version ${version} of `;
      const known = (await ports.store.workflows.list(environment)).map(({ id }) => id);
      const hint = didYouMean(workflowId, known);
      throw notFound(
        `${which}workflow "${workflowId}" in environment "${environment}"${hint ? ` (${hint})` : ""}`,
      );
    }
    case "disabled":
      throw new HttpProblem(
        "workflow-disabled",
        `workflow "${workflowId}" is disabled in environment "${environment}"; enable it to run it`,
      );
    case "invalid-input": {
      const errors = result.errors.map(({ pointer, message, hint }) => ({
        pointer: `/input${pointer}`,
        message,
        ...(hint !== undefined && { hint }),
        code: "SCHEMA_VALIDATION_INPUT",
      }));
      const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
      throw new HttpProblem("invalid-input", `${errors[0]?.pointer}: ${errors[0]?.message}${more}`, {
        errors,
      });
    }
    case "key-reused":
      throw new HttpProblem(
        "idempotency-key-reused",
        "this Idempotency-Key started a run with another body; a new request needs a new key",
      );
  }
}

/** `Prefer: wait=30` (RFC 7240 §4.3), in seconds; longer is shortened, anything else ignored. */
function wantedWait(prefer: string | undefined): number {
  const seconds = Number(/(?:^|[,;\s])wait=(\d+)/.exec(prefer ?? "")?.[1] ?? 0);
  return Math.min(seconds, LONGEST_WAIT_SECONDS);
}

/** Resolves when the run has ended, time is up, or the caller is gone. */
async function ended(ports: HttpPorts, runId: RunId, seconds: number, signal: AbortSignal): Promise<void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
  await untilEnded(ports, runId, until);
}
