import type { RunId } from "../../core/run/ids.ts";
import { parseInstant } from "../../core/time.ts";
import { type ControlResult, cancelRun, pauseRun, resumeRun, signalRun } from "../../engine/control-run.ts";
import type { RunFilter } from "../../engine/ports/queries.ts";
import type { Given, Routes } from "../contract.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { runJson, runRow } from "../json/runs.ts";
import { noRun } from "../no-run.ts";
import { mustBeAt, viewAt } from "../past.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, refused } from "../problems.ts";

type Names = "listRuns" | "countRuns" | "getRun" | "pauseRun" | "resumeRun" | "cancelRun" | "signalRun";

/** `/workflow-runs`: reading and controlling runs. */
export function runHandlers(ports: HttpPorts): Handlers<Names> {
  const { queries } = ports.store;

  const current = async (id: string) => {
    const run = await queries.run(id as RunId, ports.clock.now());
    if (run) return { body: runJson(run) };
    throw await noRun(ports, id);
  };
  const outcome = async (id: string, result: ControlResult) => {
    if (result.status === "refused") throw refused(result.refusal);
    // Whoever follows the run need not wait for the safety poll.
    return current(id);
  };

  return {
    async listRuns({ query, url, environments }) {
      const { limit, cursor, status, why, ...rest } = query;
      const filter = { ...filterOf(rest, environments), ...(status && { status }) };
      const keyed = { list: "runs", ...filter };
      const before = cursor === undefined ? {} : { before: decodeCursor(cursor, keyed) };
      const rows = await queries.runs(filter, { limit: limit + 1, ...before });
      const whys = why ? await queries.whys(rows.slice(0, limit), ports.clock.now()) : null;
      const body = pageOf(
        rows,
        limit,
        keyed,
        ({ createdAt, runId }) => ({ at: createdAt, id: runId }),
        (run) => ({ ...runRow(run), ...(whys && { why: whys.get(run.runId) ?? null }) }),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async countRuns({ query, environments }) {
      return { body: { counts: { ...(await queries.counts(filterOf(query, environments))) } } };
    },

    async getRun({ params: { runId }, query: { at } }) {
      if (at === undefined) return current(runId);
      const past = await mustBeAt(ports, runId as RunId, at);
      const now = await queries.run(runId as RunId, ports.clock.now());
      return { body: runJson(viewAt(past, now?.purgedAt ?? null)) };
    },

    async pauseRun({ params: { runId }, body, by }) {
      return outcome(runId, await pauseRun(ports, runId as RunId, by, body.reason ?? null));
    },

    async resumeRun({ params: { runId }, by }) {
      return outcome(runId, await resumeRun(ports, runId as RunId, by));
    },

    async cancelRun({ params: { runId }, body, by }) {
      return outcome(runId, await cancelRun(ports, runId as RunId, by, body.reason ?? null));
    },

    async signalRun({ params: { runId }, body, by, idempotencyKey }) {
      const { name, payload = null } = body;
      const id = body.id ?? (idempotencyKey === null ? undefined : `${by.actor}/${idempotencyKey}`);
      const signal = { name, payload, ...(id !== undefined && { id }) };
      return outcome(runId, await signalRun(ports, runId as RunId, by, signal));
    },
  };
}

/** The filter of a list of runs. */
export function filterOf(
  query: Given<Routes["countRuns"], "query">,
  environments: readonly string[] | null,
): RunFilter {
  const { workflowId, startedAfter, startedBefore, startedBy, calledBy, q } = query;
  return {
    ...(workflowId !== undefined && { workflowId }),
    ...(environments && { environments }),
    ...(startedAfter !== undefined && { startedAfter: instant("startedAfter", startedAfter) }),
    ...(startedBefore !== undefined && { startedBefore: instant("startedBefore", startedBefore) }),
    ...(startedBy !== undefined && { startedBy }),
    ...(calledBy !== undefined && { calledBy }),
    ...(q !== undefined && { q }),
  };
}

function instant(name: string, text: string): number {
  const at = parseInstant(text);
  if (at === null) throw new HttpProblem("bad-request", `?${name}: "${text}" is not an RFC 3339 time`);
  return at;
}
