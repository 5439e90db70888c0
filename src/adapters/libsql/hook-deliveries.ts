import type { RunId } from "../../core/run/ids.ts";
import type { Delivery, DeliveryOutcome } from "../../core/webhook/delivery.ts";
import type { Deliveries } from "../../engine/ports/hooks.ts";
import { type Cell, type Cells, change, type Database, isConstraint, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";
import { writeTogether } from "./write-together.ts";

const COLUMNS = `delivery_id, hook_id, received_at, event_id, event_type, headers, query, content_type, body, bytes,
  again_of, again_by, status, run_id, repeated, reason, errors`;

const ADD = `insert into hook_deliveries (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** What nobody has finished stays for its whole time: not every sender sends again. */
const FORGET = `delete from hook_deliveries where hook_id = ?1 and (received_at < ?2 or status <> 'RECEIVED' and
  delivery_id <= (select delivery_id from hook_deliveries where hook_id = ?1 order by delivery_id desc limit 1 offset ?3))`;

const SETTLE = `update hook_deliveries set event_id = ?, status = ?, run_id = ?, repeated = ?, reason = ?, errors = ?
where delivery_id = ?`;

/** What hooks received lately. */
export function hookDeliveries(db: Database): Deliveries {
  const write = writeTogether(db);
  return {
    async add(delivery, { most, since }) {
      const { id, hookId, receivedAt, eventId, eventType, request, again, outcome } = delivery;
      const args = [
        id,
        hookId,
        receivedAt,
        eventId,
        eventType,
        JSON.stringify(request.headers),
        JSON.stringify(request.query),
        request.contentType,
        request.text,
        request.bytes,
        again?.of ?? null,
        again?.by ?? null,
        ...outcomeCells(outcome),
      ];
      try {
        await write([
          { sql: ADD, args },
          { sql: FORGET, args: [hookId, since, most] },
        ]);
        return true;
      } catch (error) {
        if (isConstraint(error)) return false;
        throw error;
      }
    },
    async settle(deliveryId, eventId, outcome) {
      await write([{ sql: SETTLE, args: [eventId, ...outcomeCells(outcome), deliveryId] }]);
    },
    async find(hookId, deliveryId) {
      const [row] = await select(
        db,
        `select ${COLUMNS} from hook_deliveries where hook_id = ? and delivery_id = ?`,
        [hookId, deliveryId],
      );
      return row ? deliveryFrom(row) : null;
    },
    async list(hookId, { limit, since, before }) {
      const [behind, args] = before === undefined ? ["", []] : ["and delivery_id < ?", [before]];
      const rows = await select(
        db,
        `select ${COLUMNS} from hook_deliveries where hook_id = ? and received_at >= ? ${behind}
order by delivery_id desc limit ?`,
        [hookId, since, ...args, limit],
      );
      return rows.map(deliveryFrom);
    },
    async forget(until) {
      await change(db, "delete from hook_deliveries where received_at < ?", [until]);
    },
    async unfinished(until, limit, after) {
      const [behind, args] =
        after === null ? ["", []] : ["and (received_at, delivery_id) > (?, ?)", [after.receivedAt, after.id]];
      const rows = await select(
        db,
        `select ${COLUMNS} from hook_deliveries where status = 'RECEIVED' and received_at < ? ${behind}
order by received_at, delivery_id limit ?`,
        [until, ...args, limit],
      );
      return rows.map(deliveryFrom);
    },
  };
}

/** From `status` on. */
function outcomeCells(outcome: DeliveryOutcome): readonly Cell[] {
  const { status } = outcome;
  switch (status) {
    case "RECEIVED":
      return [status, null, null, null, null];
    case "STARTED":
    case "SIGNALLED":
      return [status, outcome.runId, outcome.isRepeated ? 1 : 0, null, null];
    case "IGNORED":
      return [status, null, null, outcome.reason, null];
    case "FAILED":
      return [status, null, null, outcome.reason, JSON.stringify(outcome.errors)];
  }
}

function deliveryFrom(row: Cells): Delivery {
  const cursor = new Cursor(row);
  const [id, hookId, receivedAt] = [cursor.text(), cursor.text(), cursor.number()];
  const [eventId, eventType] = [cursor.optionalText(), cursor.optionalText()];
  const request = {
    headers: JSON.parse(cursor.text()),
    query: JSON.parse(cursor.text()),
    contentType: cursor.text(),
    text: cursor.optionalText(),
    bytes: cursor.number(),
  };
  const [of, by] = [cursor.optionalText(), cursor.optionalText()];
  return {
    id,
    hookId,
    receivedAt,
    eventId,
    eventType,
    request,
    again: of === null || by === null ? null : { of, by },
    outcome: outcomeFrom(cursor),
  };
}

function outcomeFrom(cursor: Cursor): DeliveryOutcome {
  const status = cursor.text() as DeliveryOutcome["status"];
  const runId = cursor.text() as RunId;
  const isRepeated = cursor.number() === 1;
  const reason = cursor.text();
  const errors = cursor.text();
  switch (status) {
    case "RECEIVED":
      return { status };
    case "STARTED":
    case "SIGNALLED":
      return { status, runId, isRepeated };
    case "IGNORED":
      return { status, reason };
    case "FAILED":
      return { status, reason, errors: JSON.parse(errors) };
  }
}
