import type { Schedule } from "../../core/schedule/schedule.ts";
import type { Cells } from "./database.ts";
import { Cursor } from "./read-rows.ts";

/** What may change of a schedule, from `workflow_id` to `updated_by`. */
export function scheduleCells(schedule: Schedule): Cells {
  const { workflowId, spec, paused, consideredUntil, lookAt, updatedAt, updatedBy } = schedule;
  return [
    workflowId,
    JSON.stringify(spec),
    paused?.at ?? null,
    paused?.by ?? null,
    paused?.reason ?? null,
    consideredUntil,
    lookAt,
    updatedAt,
    updatedBy,
  ];
}

/** From what never changes, the cells above, and the revision. */
export function scheduleFrom(row: Cells): Schedule {
  const cursor = new Cursor(row);
  const fixed = {
    id: cursor.text(),
    environment: cursor.text(),
    name: cursor.text(),
    origin: cursor.text() as Schedule["origin"],
    createdAt: cursor.number(),
    createdBy: cursor.text(),
    workflowId: cursor.text(),
    spec: JSON.parse(cursor.text()) as Schedule["spec"],
  };
  const [pausedAt, by, reason] = [cursor.optionalNumber(), cursor.optionalText(), cursor.optionalText()];
  return {
    ...fixed,
    paused: pausedAt === null || by === null ? null : { at: pausedAt, by, reason },
    consideredUntil: cursor.number(),
    lookAt: cursor.optionalNumber(),
    updatedAt: cursor.number(),
    updatedBy: cursor.text(),
    revision: cursor.number(),
  };
}
