import { piecesIn } from "../../core/audit/pieces.ts";
import type { Channel } from "../../core/identity/channel.ts";
import type { Recorded, RunEvent } from "../../core/run/events.ts";
import type { Trail } from "../../engine/ports/audit.ts";
import { ADMIN_COLUMNS, adminTextFrom } from "./admin-events.ts";
import { checkpoints } from "./checkpoints.ts";
import { type Cells, type Database, select } from "./database.ts";
import { textFrom } from "./event-text.ts";
import { payloadsByHash, payloadsOf, spilledPayloads } from "./payloads.ts";
import { approvalFrom, Cursor } from "./read-rows.ts";
import { APPROVALS } from "./tables.ts";
import { type Payloads, parsed, parsedFields } from "./texts.ts";

const BEHIND = "from workflow_run_events where (run_id, seq) > (?1, ?2) order by run_id, seq";

const PAGE = `select position, run_id, seq, at, actor, channel, type, data, spilled ${BEHIND} limit ?3`;

/** The runs that begin on a full page; with one that is not full, all that are left. */
const FROM_PAGE = `run_id > ?1 and run_id <= coalesce((select run_id ${BEHIND} limit 1 offset ?3 - 1), '\u{10FFFF}')`;

const SEALS = `select run_id, seq, hash, marks from workflow_run_seals where ${FROM_PAGE} order by run_id, seq`;

const HEADS = `select run_id, checkpoint, seq, hash from audit_heads where ${FROM_PAGE} order by run_id, checkpoint`;

const ADMINISTRATION = `select s.hash, ${ADMIN_COLUMNS.split(", ")
  .map((column) => `e.${column}`)
  .join(", ")}
from admin_events e left join admin_event_seals s on s.position = e.position
where e.position > ? order by e.position limit ?`;

const HEADS_OF = "select run_id, seq, hash from audit_heads where checkpoint = ? order by run_id";

const STRAYS = `select run_id from workflow_runs r
  where not exists (select 1 from workflow_run_events e where e.run_id = r.run_id)
union select run_id from (select distinct run_id from workflow_run_events) e
  where not exists (select 1 from workflow_runs r where r.run_id = e.run_id)
order by run_id limit 1000`;

const DEFINITIONS = `select environment, id, version, definition, source, created_at from workflow_definition_versions
order by environment, id, version`;

const PAYLOADS = `select run_id, hash, body from workflow_payloads where (run_id, hash) > (?, ?)
order by run_id, hash limit ?`;

const APPROVALS_BEHIND = `select run_id, ${APPROVALS.columns.filter((column) => column !== "run_id").join(", ")}
from workflow_approvals where approval_id > ? order by approval_id limit ?`;

const TOLD = `select run_id, at, actor, channel, data, spilled from workflow_run_events
where run_id in (select value from json_each(?)) and type >= 'approval.' and type < 'approval/' order by run_id, seq`;

/** What events tell of approvals, by the run they belong to. */
async function toldOfApprovals(db: Database, approvals: readonly Cells[]): Promise<Map<string, Recorded[]>> {
  const runIds = [...new Set(approvals.map(([runId]) => String(runId)))];
  const events = (await select(db, TOLD, [JSON.stringify(runIds)])).map((row) => {
    const cursor = new Cursor(row);
    return {
      runId: cursor.text(),
      at: cursor.number(),
      actor: cursor.text(),
      channel: cursor.text() as Channel,
      data: cursor.text(),
      spilled: cursor.optionalText(),
    };
  });
  const payloads = await spilledPayloads(db, events);
  const told = new Map<string, Recorded[]>();
  for (const { runId, at, actor, channel, data, spilled } of events) {
    const event = readable(data, spilled, payloads);
    if (event !== null) told.set(runId, [...(told.get(runId) ?? []), { at, actor, channel, event }]);
  }
  return told;
}

function readable(data: string, spilled: string | null, payloads: Payloads): RunEvent | null {
  try {
    return parsedFields<RunEvent>(data, spilled, payloads);
  } catch {
    // Changed, or its value is gone: the chain and the payloads say so.
    return null;
  }
}

/** Reads the audit trail; each page is of one state of the database. */
export function trail(db: Database): Trail {
  return {
    async sealedUpTo() {
      const [row] = await select(db, "select position from workflow_seal_progress", []);
      return Number(row?.[0] ?? 0);
    },
    async administration(after, limit) {
      const rows = await select(db, ADMINISTRATION, [after, limit]);
      return rows.map(([seal, ...event]) => ({
        event: adminTextFrom(event),
        seal: seal === null || seal === undefined ? null : String(seal),
      }));
    },
    checkpoints: (after, limit) => checkpoints(db).list(after, limit),
    async headsOf(checkpoint) {
      const rows = await select(db, HEADS_OF, [checkpoint]);
      return rows.map(([runId, seq, hash]) => ({
        runId: String(runId),
        seq: Number(seq),
        hash: String(hash),
      }));
    },
    async events({ runId, seq }, limit) {
      const args = [runId, seq, limit];
      const [events = [], seals = [], heads = []] = await db.read([
        { sql: PAGE, args },
        { sql: SEALS, args },
        { sql: HEADS, args },
      ]);
      return {
        events: events.map(textFrom),
        seals: seals.map((row) => {
          const cursor = new Cursor(row);
          return {
            runId: cursor.text(),
            seq: cursor.number(),
            hash: cursor.text(),
            marks: cursor.text(),
          };
        }),
        heads: heads.map((row) => {
          const cursor = new Cursor(row);
          return {
            runId: cursor.text(),
            checkpoint: cursor.number(),
            seq: cursor.number(),
            hash: cursor.text(),
          };
        }),
      };
    },
    async strays() {
      return (await select(db, STRAYS, [])).map(([runId]) => String(runId));
    },
    async definitions() {
      return (await select(db, DEFINITIONS, [])).map((row) => {
        const cursor = new Cursor(row);
        return {
          environment: cursor.text(),
          id: cursor.text(),
          version: cursor.number(),
          definition: cursor.text(),
          source: cursor.text(),
          createdAt: cursor.number(),
        };
      });
    },
    async payloads({ runId, hash }, limit) {
      const rows = await select(db, PAYLOADS, [runId, hash, limit]);
      return Promise.all(
        rows.map(async (row) => {
          const cursor = new Cursor(row);
          const [ofRun, hash, body] = [cursor.text(), cursor.text(), cursor.text()];
          if (piecesIn(body) === null) return { runId: ofRun, hash, body };
          return { runId: ofRun, hash, body: (await payloadsByHash(db, ofRun, [hash])).get(hash) ?? "" };
        }),
      );
    },
    async approvals(after, limit) {
      const rows = await select(db, APPROVALS_BEHIND, [after, limit]);
      const told = await toldOfApprovals(db, rows);
      return Promise.all(
        rows.map(async ([id, ...row]) => {
          const runId = String(id);
          const bodies = await payloadsOf(db, runId, [row]);
          const approval = approvalFrom(new Cursor(readableRow(row, bodies)), bodies);
          return { runId, approval, told: told.get(runId) ?? [] };
        }),
      );
    },
    close: () => db.close(),
  };
}

/** The columns of an approval that are JSON, by their place in its row. */
const APPROVAL_JSON = new Set(
  ["summary", "approvers", "quorum", "decisions", "terms", "delegations", "escalated_to"].map((name) =>
    APPROVALS.columns.filter((column) => column !== "run_id").indexOf(name),
  ),
);

/** An approval's row in which what somebody made no JSON is the text that it is: that is not what the events tell. */
function readableRow(row: Cells, payloads: Payloads): Cells {
  return row.map((cell, place) => {
    if (!APPROVAL_JSON.has(place) || typeof cell !== "string") return cell;
    try {
      parsed(cell, payloads);
      return cell;
    } catch {
      return JSON.stringify(cell);
    }
  });
}
