import type { RunId } from "../../core/run/ids.ts";
import { isOver } from "../../core/run/run.ts";
import { followRun } from "../../engine/follow-run.ts";
import { stillIn } from "../auth/still-in.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import { eventStream, tellOfRun } from "../event-stream.ts";
import type { Handlers } from "../handler.ts";
import { eventJson, stepJson } from "../json/runs.ts";
import type { HttpOptions, HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";

/** What happened in a run: its steps, its events, and its events as they come. */
export function historyHandlers(
  ports: HttpPorts,
  options: HttpOptions,
): Handlers<"listSteps" | "listEvents" | "streamEvents"> {
  const { queries } = ports.store;

  /** Every run has a first event. */
  const mustExist = async (runId: RunId) => {
    const [first] = await queries.events(runId, 0, 1);
    if (!first) throw notFound(`run ${runId}`);
  };

  return {
    async listSteps({ params }) {
      const runId = params.runId as RunId;
      const steps = await queries.steps(runId);
      if (steps.length === 0) await mustExist(runId);
      return { body: { items: steps.map(stepJson), nextCursor: null } };
    },

    async listEvents({ params, query: { after, limit, cursor }, url }) {
      const runId = params.runId as RunId;
      const filter = { list: "events", runId };
      const from = cursor === undefined ? after : decodeCursor(cursor, filter).at;
      const events = await queries.events(runId, from, limit + 1);
      if (events.length === 0) await mustExist(runId);
      const body = pageOf(events, limit, filter, ({ seq }) => ({ at: seq, id: runId }), eventJson);
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async streamEvents({ params, query, headers, request, closing }) {
      const runId = params.runId as RunId;
      const after = lastSeen(headers["last-event-id"]) ?? query.after ?? 0;
      const status = await queries.status(runId);
      if (status === null) throw notFound(`run ${runId}`);
      // Whoever has the last event is told to stop asking (WHATWG HTML §9.2.3).
      if (isOver(status) && after > 0 && (await queries.events(runId, after, 1)).length === 0)
        return new Response(null, { status: 204 });
      return eventStream((signal) => followRun(ports, runId, after, signal, options.pollMs), tellOfRun, {
        heartbeatMs: options.heartbeatMs,
        maxMs: options.streamMaxMs,
        meter: options.meter,
        recheckMs: options.recheckMs,
        isStillIn: stillIn(ports, request),
        closing,
        onError: (error) => ports.log.warn("event stream broke", { run_id: runId, error: String(error) }),
      });
    },
  };
}

function lastSeen(header: string | undefined): number | null {
  if (header === undefined || header === "") return null;
  if (!/^\d{1,15}$/.test(header))
    throw new HttpProblem("bad-request", `Last-Event-ID must be the number of an event; got "${header}"`);
  return Number(header);
}
