import { actOnRuns, type BulkItem, countMatching, narrowed } from "../../engine/bulk-runs.ts";
import type { Handlers } from "../handler.ts";
import { runRow } from "../json/runs.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";
import type { BulkResult } from "../schemas/bulk.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import { filterOf } from "./runs.ts";

/** So many runs are changed in one request. */
const MOST = 500;
/** So many are shown before. */
const SHOWN = 50;

/** `POST /workflow-runs/bulk`. */
export function bulkRunHandlers(ports: HttpPorts): Handlers<"bulkRuns"> {
  return {
    async bulkRuns({ body, by, idempotencyKey }) {
      const { action, filter: asked, reason = null, dryRun = false, expect } = body;
      const { status, ...rest } = asked;
      // One environment at a time: the one in which the caller was found to be allowed to do this.
      const within = filterOf(rest, [body.environment ?? DEFAULT_ENVIRONMENT]);
      const filter = narrowed(action, { ...within, ...(status && { status }) });
      if (!filter) {
        const message = `${action} does nothing to a run that is ${(status ?? []).join(" or ")}`;
        throw new HttpProblem("validation", message, {
          errors: [{ pointer: "/filter/status", message, hint: "leave the status out" }],
        });
      }
      const matching = await countMatching(ports, filter);
      if (expect !== undefined && expect !== matching)
        throw new HttpProblem(
          "invalid-transition",
          `${matching} runs match by now, not ${expect}; nothing was done`,
        );
      if (dryRun) {
        const rows = await ports.store.queries.runs(filter, { limit: SHOWN });
        const items = rows.map((run) => ({ run: runRow(run), isDone: null, detail: null, newRunId: null }));
        return { body: { dryRun, matching, done: 0, refused: 0, remaining: matching, items } };
      }
      const request = {
        action,
        filter,
        reason,
        by: { ...by, channel: "bulk" } as const,
        key: idempotencyKey,
      };
      const items = (await actOnRuns(ports, request, MOST)).map(itemJson);
      const done = items.filter(({ isDone }) => isDone).length;
      const remaining = Math.max(0, matching - items.length);
      return { body: { dryRun, matching, done, refused: items.length - done, remaining, items } };
    },
  };
}

function itemJson({ run, result, newRun }: BulkItem): BulkResult["items"][number] {
  const detail =
    result.status === "refused"
      ? result.refusal.message
      : result.status === "unknown"
        ? "it is not there any more"
        : null;
  return { run: runRow(run), isDone: result.status === "done", detail, newRunId: newRun };
}
