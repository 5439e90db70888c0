import { Type } from "typebox";
import { Bulk, BulkResult } from "../schemas/bulk.ts";
import { paging } from "../schemas/common.ts";
import {
  EventPage,
  MOST_SEARCHED,
  Reason,
  Rerun,
  Run,
  RunCounts,
  RunEventItem,
  RunPage,
  RunStatusName,
  SignalBody,
  StartRun,
  StepPage,
} from "../schemas/runs.ts";
import type { Route } from "./route.ts";

const byId = Type.Object({ runId: Type.String() });
const filter = {
  workflowId: Type.Optional(Type.String()),
  environment: Type.Optional(Type.String()),
  startedAfter: Type.Optional(Type.String({ format: "date-time" })),
  startedBefore: Type.Optional(Type.String({ format: "date-time" })),
  startedBy: Type.Optional(
    Type.String({
      minLength: 1,
      description: "Who started it, or how their name begins: `user:`, `key:`, `schedule:`, `hook:`",
    }),
  ),
  calledBy: Type.Optional(
    Type.String({ minLength: 1, description: "The run whose `workflow.run` steps started them" }),
  ),
  q: Type.Optional(
    Type.String({
      maxLength: MOST_SEARCHED,
      description:
        "Part of the run's id, workflow id, starter or labels; of the newest 2,000 runs that the other filters leave, " +
        "also of the error's code or text, or of a value of the input. Inputs of more than 16 KiB are not searched",
    }),
  ),
};
const startHeaders = Type.Object({
  prefer: Type.Optional(
    Type.String({ description: "`wait=30`: answer when the run has ended, or after so many seconds (≤ 30)" }),
  ),
  traceparent: Type.Optional(
    Type.String({ description: "The caller's trace context (W3C); the run's spans go on with it" }),
  ),
});
const after = Type.Integer({ minimum: 0, default: 0, description: "Only events behind this `seq`" });

/** `/workflow-runs`: what runs and ran. */
export const runRoutes = {
  startRun: {
    method: "post",
    path: "/api/v1/workflow-runs",
    tag: "Runs",
    summary: "Start a run",
    needs: "runs:write",
    environment: "body",
    headers: startHeaders,
    body: StartRun,
    bodyAliases: { workflow_id: "workflowId" },
    ok: [201, Run],
    problems: [
      "invalid-input",
      "not-found",
      "concurrency-limit",
      "workflow-disabled",
      "idempotency-key-reused",
    ],
  },
  rerunRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/rerun",
    tag: "Runs",
    summary: "Run a run again, from its start or from a state with everything before it taken over",
    description:
      "The new run's events say which step of the earlier run each outcome came from. An approval counts for the run " +
      "it was given to: nobody can begin behind one, nor, with another input or version, behind one that the earlier " +
      "run only happened not to come to.",
    needs: "runs:write",
    environment: "run",
    params: byId,
    body: Rerun,
    bodyKind: "optional",
    ok: [201, Run],
    problems: [
      "invalid-input",
      "not-found",
      "invalid-transition",
      "concurrency-limit",
      "workflow-disabled",
      "idempotency-key-reused",
    ],
  },
  bulkRuns: {
    method: "post",
    path: "/api/v1/workflow-runs/bulk",
    tag: "Runs",
    summary: "Pause, resume, cancel or run again all runs of a filter",
    description:
      "Each run is changed by itself, at most 500 in one request. `dryRun` says how many there are; sent back as " +
      "`expect`, nothing is done when it is another number by then.",
    needs: "runs:write",
    environment: "body",
    body: Bulk,
    ok: [200, BulkResult],
    problems: ["invalid-transition"],
  },
  listRuns: {
    method: "get",
    path: "/api/v1/workflow-runs",
    tag: "Runs",
    summary: "List runs, newest first",
    needs: "runs:read",
    environment: "filter",
    query: Type.Object({
      ...filter,
      status: Type.Optional(Type.Array(RunStatusName)),
      why: Type.Boolean({ default: false, description: "Say of each what it waits for, or what ended it" }),
      ...paging,
    }),
    ok: [200, RunPage],
    problems: [],
  },
  countRuns: {
    method: "get",
    path: "/api/v1/workflow-runs/counts",
    tag: "Runs",
    summary: "Count runs by status",
    needs: "runs:read",
    environment: "filter",
    query: Type.Object(filter),
    ok: [200, RunCounts],
    problems: [],
  },
  getRun: {
    method: "get",
    path: "/api/v1/workflow-runs/{runId}",
    tag: "Runs",
    summary: "Get a run, as it is or as it stood after an event",
    needs: "runs:read",
    environment: "run",
    params: byId,
    query: Type.Object({
      at: Type.Optional(
        Type.Integer({ minimum: 1, description: "Fold the run up to the event of this `seq`" }),
      ),
    }),
    ok: [200, Run],
    problems: ["not-found"],
  },
  listSteps: {
    method: "get",
    path: "/api/v1/workflow-runs/{runId}/steps",
    tag: "Runs",
    summary: "List a run's steps, in the order they began",
    needs: "runs:read",
    environment: "run",
    params: byId,
    ok: [200, StepPage],
    problems: ["not-found"],
  },
  listEvents: {
    method: "get",
    path: "/api/v1/workflow-runs/{runId}/events",
    tag: "Runs",
    summary: "List a run's events, oldest first and without gaps",
    needs: "runs:read",
    environment: "run",
    params: byId,
    query: Type.Object({
      after,
      limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
      cursor: paging.cursor,
    }),
    ok: [200, EventPage],
    problems: ["not-found"],
  },
  exportEvidence: {
    method: "get",
    path: "/api/v1/workflow-runs/{runId}/evidence",
    tag: "Runs",
    summary: "Export what proves a run: a zip file that verifies without this server",
    description:
      "Its events word for word, the definition, approvals, transcripts without secrets, and the signed checkpoint that " +
      "vouches for them. `stn audit verify file.zip` reads it; README.txt in it says how to do without.",
    needs: "runs:read",
    environment: "run",
    params: byId,
    ok: [200, Type.String({ description: "The bytes of the file" })],
    media: "application/zip",
    problems: ["not-found", "unproved"],
  },
  streamEvents: {
    method: "get",
    path: "/api/v1/workflow-runs/{runId}/stream",
    tag: "Runs",
    summary: "Follow a run's events",
    needs: "runs:read",
    environment: "run",
    description:
      "Each message has the event's `seq` as id, its type as event and the event as data. `caught-up` follows the " +
      "history, `end` the last event; whoever reconnects after that gets 204. What agents are doing comes between them, " +
      "without an id, to whoever listens: `agent.turn`, `agent.tool`, and `agent.text` with what a model says while it says " +
      "it (`from` the character on, the text reads `delta`).",
    params: byId,
    query: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }),
    headers: Type.Object({
      "last-event-id": Type.Optional(Type.String({ description: "Goes before `after`" })),
    }),
    ok: [200, RunEventItem],
    media: "text/event-stream",
    problems: ["not-found"],
  },
  pauseRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/pause",
    tag: "Runs",
    summary: "Start nothing new in a run",
    needs: "runs:write",
    environment: "run",
    params: byId,
    body: Reason,
    bodyKind: "optional",
    ok: [202, Run],
    problems: ["not-found", "invalid-transition"],
  },
  resumeRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/resume",
    tag: "Runs",
    summary: "Go on with a paused run",
    needs: "runs:write",
    environment: "run",
    params: byId,
    body: Type.Object({}, { additionalProperties: false }),
    bodyKind: "optional",
    ok: [202, Run],
    problems: ["not-found", "invalid-transition"],
  },
  cancelRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/cancel",
    tag: "Runs",
    summary: "End a run at once",
    needs: "runs:write",
    environment: "run",
    params: byId,
    body: Reason,
    bodyKind: "optional",
    ok: [202, Run],
    problems: ["not-found", "invalid-transition"],
  },
  signalRun: {
    method: "post",
    path: "/api/v1/workflow-runs/{runId}/signals",
    alias: "/api/v1/workflow-runs/{runId}/signal",
    tag: "Runs",
    summary: "Send a signal to a run",
    needs: "runs:write",
    environment: "run",
    description: "Kept until a state waits for it. The `id`, else the idempotency key, is taken once.",
    params: byId,
    body: SignalBody,
    ok: [202, Run],
    problems: ["not-found", "invalid-transition"],
  },
} as const satisfies Record<string, Route>;
