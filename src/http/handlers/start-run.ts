import { didYouMean } from "../../core/definition/suggest.ts";
import type { RunId } from "../../core/run/ids.ts";
import { untilEnded } from "../../engine/follow-run.ts";
import type { SchemaError } from "../../engine/ports/schemas.ts";
import { previewRun } from "../../engine/rehearsal/preview-run.ts";
import { rerunRun } from "../../engine/rerun-run.ts";
import { type StartResult, startRun } from "../../engine/start-run.ts";
import type { Handlers } from "../handler.ts";
import { runJson } from "../json/runs.ts";
import { noRun } from "../no-run.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound, refused } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import { onceOf } from "./once.ts";

const LONGEST_WAIT_SECONDS = 30;

/** `POST /workflow-runs`, and what it would come to. */
export function startRunHandlers(ports: HttpPorts): Handlers<"startRun" | "rerunRun" | "previewRun"> {
  return {
    async previewRun({ params: { id: workflowId }, body }) {
      const { input = {}, version, environment = DEFAULT_ENVIRONMENT } = body;
      const asked = { environment, workflowId, input, ...(version !== undefined && { version }) };
      const result = await previewRun(ports, asked);
      switch (result.status) {
        case "unknown-workflow":
          throw await unknownWorkflow(ports, environment, workflowId, version);
        case "invalid-input":
          throw invalidInput(result.errors);
        case "previewed": {
          const { steps, assumed, ...preview } = result.preview;
          return { body: { workflowId, environment, ...preview, steps: [...steps], assumed: [...assumed] } };
        }
      }
    },

    async rerunRun({ params, body, principal, by, idempotencyKey }) {
      const { fromState, input, version } = body;
      const earlier = params.runId as RunId;
      const result = await rerunRun(ports, {
        runId: earlier,
        by,
        ...(fromState !== undefined && { fromState }),
        ...(input && { input }),
        ...(version !== undefined && { version }),
        ...onceOf(principal, idempotencyKey, [earlier, body]),
      });
      if (result.status === "started") return answerOf(ports, result);
      if (result.status === "key-reused") throw keyReused();
      const of = await ports.store.queries.run(earlier, ports.clock.now());
      if (result.status === "unknown-run" || !of) throw await noRun(ports, earlier);
      throw await whyNotStarted(ports, result, of.environment, of.workflowId, version);
    },

    async startRun(call) {
      const { body, headers, principal, by, idempotencyKey } = call;
      const { workflowId, input = {}, version, labels, environment = DEFAULT_ENVIRONMENT } = body;
      const waitSeconds = wantedWait(headers.prefer);
      const result = await startRun(ports, {
        environment,
        workflowId,
        input,
        by,
        traceparent: headers.traceparent,
        ...(version !== undefined && { version }),
        ...(labels && { labels }),
        ...onceOf(principal, idempotencyKey, body),
      });
      if (result.status !== "started")
        throw await whyNotStarted(ports, result, environment, workflowId, version);
      if (waitSeconds === 0) return answerOf(ports, result);
      await ended(ports, result.runId, waitSeconds, call.signal);
      return answerOf(ports, result, { "preference-applied": `wait=${waitSeconds}` });
    },
  };
}

async function answerOf(
  ports: HttpPorts,
  { runId, replayed }: Extract<StartResult, { status: "started" }>,
  more: Readonly<Record<string, string>> = {},
) {
  const run = await ports.store.queries.run(runId, ports.clock.now());
  if (!run) throw await noRun(ports, runId);
  const headers = {
    location: `/api/v1/workflow-runs/${runId}`,
    ...(replayed && { "idempotent-replayed": "true" }),
    ...more,
  };
  return { body: runJson(run), headers };
}

async function whyNotStarted(
  ports: HttpPorts,
  result: Exclude<StartResult, { status: "started" }>,
  environment: string,
  workflowId: string,
  version: number | undefined,
): Promise<HttpProblem> {
  switch (result.status) {
    case "unknown-workflow":
      return unknownWorkflow(ports, environment, workflowId, version);
    case "disabled":
      return new HttpProblem(
        "workflow-disabled",
        `workflow "${workflowId}" is disabled in environment "${environment}"; enable it to run it`,
      );
    case "invalid-input":
      return invalidInput(result.errors);
    case "refused":
      return refused(result.refusal);
    case "key-reused":
      return keyReused();
  }
}

function keyReused(): HttpProblem {
  return new HttpProblem(
    "idempotency-key-reused",
    "this Idempotency-Key started a run with another body; a new request needs a new key",
  );
}

async function unknownWorkflow(
  { store }: HttpPorts,
  environment: string,
  workflowId: string,
  version: number | undefined,
): Promise<HttpProblem> {
  const which = version === undefined ? "" : `version ${version} of `;
  const known = (await store.workflows.list(environment)).map(({ id }) => id);
  const hint = didYouMean(workflowId, known);
  return notFound(
    `${which}workflow "${workflowId}" in environment "${environment}"${hint ? ` (${hint})` : ""}`,
  );
}

function invalidInput(found: readonly SchemaError[]): HttpProblem {
  const errors = found.map(({ pointer, message, hint }) => ({
    pointer: `/input${pointer}`,
    message,
    ...(hint !== undefined && { hint }),
    code: "SCHEMA_VALIDATION_INPUT",
  }));
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new HttpProblem("invalid-input", `${errors[0]?.pointer}: ${errors[0]?.message}${more}`, { errors });
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
