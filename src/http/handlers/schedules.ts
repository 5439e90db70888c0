import { randomUUID } from "node:crypto";
import { didYouMean } from "../../core/definition/suggest.ts";
import { isList } from "../../core/json.ts";
import { parseJson } from "../../core/json-syntax.ts";
import { readSpec, type SaidSpec } from "../../core/schedule/read-spec.ts";
import { nextTick, type Schedule, type ScheduleSpec } from "../../core/schedule/schedule.ts";
import { withoutTickNames } from "../../core/schedule/tick-names.ts";
import { localTime } from "../../core/schedule/zone.ts";
import { isoTime } from "../../core/time.ts";
import {
  addSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  updateSchedule,
} from "../../engine/change-schedule.ts";
import { scheduledInput } from "../../engine/scheduled-input.ts";
import { triggerSchedule } from "../../engine/trigger-schedule.ts";
import { decodeCursor, linkTo, pageOf, strangeCursor } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { scheduleJson, tickJson } from "../json/schedules.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import type { Fault } from "../schemas/problem.ts";

type Names =
  | "listSchedules"
  | "createSchedule"
  | "getSchedule"
  | "updateSchedule"
  | "deleteSchedule"
  | "pauseSchedule"
  | "resumeSchedule"
  | "triggerSchedule"
  | "nextTicks"
  | "listTicks";

/** `/schedules`: runs that start by themselves. */
export function scheduleHandlers(ports: HttpPorts): Handlers<Names> {
  const { clock } = ports;
  const { schedules } = ports.store;
  const mustFind = async (environment: string, name: string) => {
    const schedule = await schedules.find(environment, name);
    if (schedule) return schedule;
    const others = await schedules.list({ environments: [environment] }, { limit: 200 });
    const hint = didYouMean(
      name,
      others.map((one) => one.schedule.name),
    );
    throw notFound(`schedule "${name}" in environment "${environment}"${hint ? ` (${hint})` : ""}`);
  };
  /** `null`: somebody deleted it meanwhile. */
  const reply = async (schedule: Schedule | null, name: string) => {
    if (!schedule) throw notFound(`schedule "${name}"`);
    const [last = null] = await schedules.ticks(schedule.id, { limit: 1 });
    return { body: scheduleJson(schedule, last, clock.now()) };
  };

  return {
    async listSchedules({ query: { workflowId, limit, cursor }, environments, url }) {
      const filter = { list: "schedules", environments, workflowId };
      const after = cursor === undefined ? null : placeIn(decodeCursor(cursor, filter).id);
      const rows = await schedules.list(
        { environments, ...(workflowId !== undefined && { workflowId }) },
        { limit: limit + 1, ...(after && { after }) },
      );
      const body = pageOf(
        rows,
        limit,
        filter,
        ({ schedule }) => ({ at: 0, id: JSON.stringify([schedule.environment, schedule.name]) }),
        ({ schedule, last }) => scheduleJson(schedule, last, clock.now()),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async createSchedule({ body, by }) {
      const { name, environment = DEFAULT_ENVIRONMENT, workflowId } = body;
      const spec = specOf(body);
      await refuseMisfits(ports, environment, workflowId, spec);
      const draft = { environment, name, workflowId, origin: "api", spec } as const;
      const schedule = await addSchedule(ports, draft, by);
      if (!schedule)
        throw new HttpProblem(
          "schedule-exists",
          `environment "${environment}" has a schedule "${name}"; change it, or take another name`,
        );
      const location = `/api/v1/schedules/${name}?environment=${encodeURIComponent(environment)}`;
      return { ...(await reply(schedule, name)), headers: { location } };
    },

    async getSchedule({ params: { name }, query: { environment } }) {
      return reply(await mustFind(environment, name), name);
    },

    async updateSchedule({ params: { name }, query: { environment }, body, by }) {
      const schedule = await mustFind(environment, name);
      refuseDeclared(schedule);
      const { workflowId } = body;
      const spec = specOf(body);
      await refuseMisfits(ports, environment, workflowId, spec);
      return reply(await updateSchedule(ports, schedule.id, { workflowId, spec }, by), name);
    },

    async deleteSchedule({ params: { name }, query: { environment }, by }) {
      const schedule = await mustFind(environment, name);
      refuseDeclared(schedule);
      await removeSchedule(ports, schedule.id, by);
      return { body: null };
    },

    async pauseSchedule({ params: { name }, query: { environment }, body: { reason = null }, by }) {
      const { id } = await mustFind(environment, name);
      return reply(await pauseSchedule(ports, id, reason, by), name);
    },

    async resumeSchedule({ params: { name }, query: { environment }, by }) {
      const { id } = await mustFind(environment, name);
      return reply(await resumeSchedule(ports, id, by), name);
    },

    async triggerSchedule({ params: { name }, query: { environment }, body, by, idempotencyKey }) {
      const schedule = await mustFind(environment, name);
      const asked = { key: idempotencyKey ?? randomUUID(), force: body.force ?? false };
      const tick = await triggerSchedule(ports, schedule, asked, by);
      if (!tick) throw notFound(`schedule "${name}"`);
      const runStatus = "runId" in tick ? await ports.store.queries.status(tick.runId) : null;
      return { body: tickJson({ tick, runStatus }) };
    },

    async nextTicks({ params: { name }, query: { environment, count } }) {
      const { spec, consideredUntil } = await mustFind(environment, name);
      const timezone = spec.timing.kind === "cron" ? spec.timing.timezone : "UTC";
      const items: { at: string; local: string }[] = [];
      let at = nextTick(spec, Math.max(clock.now(), consideredUntil));
      for (; at !== null && items.length < count; at = nextTick(spec, at))
        items.push({ at: isoTime(at), local: localTime(at, timezone) });
      return { body: { timezone, items } };
    },

    async listTicks({ params: { name }, query: { environment, limit, cursor }, url }) {
      const { id } = await mustFind(environment, name);
      const filter = { list: "ticks", id };
      const position = cursor === undefined ? null : decodeCursor(cursor, filter);
      const rows = await schedules.ticks(id, {
        limit: limit + 1,
        ...(position && { before: { at: position.at, key: position.id } }),
      });
      const body = pageOf(rows, limit, filter, ({ tick }) => ({ at: tick.at, id: tick.key }), tickJson);
      return { body, headers: linkTo(url, body.nextCursor) };
    },
  };
}

/** The schedule that a cursor names. */
function placeIn(id: string): { readonly environment: string; readonly name: string } {
  const parsed = parseJson(id);
  const [environment, name] = "value" in parsed && isList(parsed.value) ? parsed.value : [];
  if (typeof environment !== "string" || typeof name !== "string") throw strangeCursor();
  return { environment, name };
}

function specOf(said: SaidSpec): ScheduleSpec {
  const read = readSpec(said);
  if (read.ok) return read.spec;
  const [first] = read.faults;
  const more = read.faults.length > 1 ? ` (and ${read.faults.length - 1} more)` : "";
  throw new HttpProblem("validation", `${first?.pointer}: ${first?.message}${more}`, { errors: read.faults });
}

/** What would fail with every tick is refused when it is said. */
async function refuseMisfits(
  ports: HttpPorts,
  environment: string,
  workflowId: string,
  spec: ScheduleSpec,
): Promise<void> {
  const workflow = await ports.store.workflows.startable(environment, workflowId);
  if (!workflow) {
    const known = (await ports.store.workflows.list(environment)).map(({ id }) => id);
    const hint = didYouMean(workflowId, known);
    throw notFound(`workflow "${workflowId}" in environment "${environment}"${hint ? ` (${hint})` : ""}`);
  }
  const made = await scheduledInput(ports, spec, ports.clock.now());
  if (!made.ok) throw misfit([{ pointer: "/input", message: made.message }]);
  const { inputSchema } = workflow.definition;
  if (!inputSchema) return;
  const check = ports.schemas.validate(inputSchema, withoutTickNames(made.value, inputSchema).others);
  if (check.valid) return;
  throw misfit(
    check.errors.map(({ pointer, message, hint }) => ({
      pointer: `/input${pointer}`,
      message,
      ...(hint !== undefined && { hint }),
      code: "SCHEMA_VALIDATION_INPUT",
    })),
  );
}

function misfit(errors: readonly Fault[]): HttpProblem {
  const [first] = errors;
  return new HttpProblem("invalid-input", `${first?.pointer}: ${first?.message}; no run would start`, {
    errors,
  });
}

function refuseDeclared({ origin, workflowId }: Schedule): void {
  if (origin === "workflow")
    throw new HttpProblem(
      "schedule-declared",
      `workflow "${workflowId}" declares this schedule; change it there, or pause it here`,
    );
}
