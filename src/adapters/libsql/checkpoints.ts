import { ADMIN_CHAIN_START } from "../../core/audit/admin-chain.ts";
import type { KeptCheckpoint, Signature } from "../../core/audit/checkpoint.ts";
import { readSignature } from "../../core/audit/evidence.ts";
import type { Checkpoints } from "../../engine/ports/audit.ts";
import { type Cells, type Database, isConstraint, type Query, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";

const COLUMNS = "number, body, signature";

const LAST = `select ${COLUMNS} from audit_checkpoints order by number desc limit 1`;

const COVERED =
  "coalesce((select body ->> 'position' from audit_checkpoints order by number desc limit 1), 0)";
const SEALED = "(select position from workflow_seal_progress)";

/** The sealed events that no checkpoint covers. */
const UNCOVERED = `from workflow_run_events where position > ${COVERED} and position <= ${SEALED}
  order by position limit ?1`;

const RANGE = `select coalesce(max(position), ${COVERED}), count(*) from (select position ${UNCOVERED})`;

/** A run's newest seal, also when that is beyond the range: it will be in the next checkpoint as well. */
const HEADS = `select s.run_id, s.seq, s.hash
from (select distinct run_id from (select run_id ${UNCOVERED})) r
join workflow_run_seals s on s.run_id = r.run_id
  and s.seq = (select max(seq) from workflow_run_seals l where l.run_id = r.run_id)
order by s.run_id`;

const ADMIN = "select position, hash from admin_event_seals order by position desc limit 1";

const LIST = `select ${COLUMNS} from audit_checkpoints where number > ? order by number limit ?`;

const ADD = `insert into audit_checkpoints (${COLUMNS}) values (?, ?, ?)`;

const ADD_HEADS = `insert into audit_heads (checkpoint, run_id, seq, hash)
select ?2, j.value ->> 0, j.value ->> 1, j.value ->> 2 from json_each(?1) j`;

/** Heads that go into one statement: a server takes no longer texts gladly. */
const AT_ONCE = 1000;

/** Checkpoints of the audit trail and the heads they are over. */
export function checkpoints(db: Database): Checkpoints {
  return {
    async last() {
      const [row] = await select(db, LAST, []);
      return row ? checkpointFrom(row) : null;
    },
    async pending(limit) {
      const [last = [], range = [], heads = [], admin = []] = await db.read([
        { sql: LAST, args: [] },
        { sql: RANGE, args: [limit] },
        { sql: HEADS, args: [limit] },
        { sql: ADMIN, args: [] },
      ]);
      const [position = 0, count = 0] = range[0] ?? [];
      const [adminPosition, adminHash] = admin[0] ?? [0, ADMIN_CHAIN_START];
      return {
        last: last[0] ? checkpointFrom(last[0]) : null,
        position: Number(position),
        heads: heads.map(([runId, seq, hash]) => ({
          runId: String(runId),
          seq: Number(seq),
          hash: String(hash),
        })),
        admin: { position: Number(adminPosition), hash: String(adminHash) },
        hasMore: count === limit,
      };
    },
    async append({ number, body, signature }, heads) {
      const lists: Query[] = [];
      for (let from = 0; from < heads.length; from += AT_ONCE) {
        const some = heads.slice(from, from + AT_ONCE);
        const list = JSON.stringify(some.map(({ runId, seq, hash }) => [runId, seq, hash]));
        lists.push({ sql: ADD_HEADS, args: [list, number] });
      }
      const signed = signature && JSON.stringify(signature);
      try {
        await db.write([{ sql: ADD, args: [number, body, signed] }, ...lists]);
        return true;
      } catch (error) {
        if (isConstraint(error)) return false;
        throw error;
      }
    },
    async list(after, limit) {
      return (await select(db, LIST, [after, limit])).map(checkpointFrom);
    },
  };
}

/** Checkpoints that are looked through for a signed one. */
const FURTHER = 1000;

/** A checkpoint and those after it up to the first that is signed; it alone when none is. */
export async function upToSigned(db: Database, number: number): Promise<readonly KeptCheckpoint[]> {
  const following = (await select(db, LIST, [number - 1, FURTHER])).map(checkpointFrom);
  const signed = following.findIndex(({ signature }) => signature !== null);
  return following.slice(0, Math.max(0, signed) + 1);
}

/** A checkpoint from a row of `number, body, signature`. */
function checkpointFrom(row: Cells): KeptCheckpoint {
  const cursor = new Cursor(row);
  const [number, body, signature] = [cursor.number(), cursor.text(), cursor.optionalText()];
  return { number, body, signature: signature === null ? null : signatureIn(signature) };
}

/** What somebody wrote in a signature's place is none that holds, and no reason to look at nothing else. */
function signatureIn(text: string): Signature {
  return readSignature(text) ?? { keyId: "", publicKey: "", signature: text };
}
