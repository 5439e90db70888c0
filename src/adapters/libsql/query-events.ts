import { chainHash, chainStart } from "../../core/audit/chain.ts";
import type { Channel } from "../../core/identity/channel.ts";
import type { RunEvent } from "../../core/run/events.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { EventView, PlacedEvent } from "../../engine/ports/queries.ts";
import { type Cells, type Database, select, wide } from "./database.ts";
import { spilledPayloads } from "./payloads.ts";
import { Cursor } from "./read-rows.ts";
import { type Payloads, parsedFields } from "./texts.ts";

const COLUMNS = "position, run_id, seq, at, actor, channel, type, data, spilled, remains";

const EVENTS = wide(
  COLUMNS,
  "from workflow_run_events where run_id = ? and seq > ? and seq <= ? order by seq",
);

const OF_TYPES = wide(
  COLUMNS,
  `from workflow_run_events
where position > ? and position <= ? and type in (select value from json_each(?)) order by position limit ?`,
);

const SINCE = wide(COLUMNS, "from workflow_run_events where position > ? order by position limit ?");

/** The seal to count from, and how far the run is sealed. */
const SEALS = `select
  coalesce((select max(seq) from workflow_run_seals where run_id = ?1 and seq <= ?2), 0),
  (select hash from workflow_run_seals where run_id = ?1 and seq <= ?2 order by seq desc limit 1),
  coalesce((select max(seq) from workflow_run_seals where run_id = ?1), 0)`;

type Stored = {
  readonly position: number;
  readonly runId: RunId;
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly channel: Channel;
  readonly type: string;
  readonly data: string;
  readonly spilled: string | null;
  /** The event without its values, where its data was purged. */
  readonly remains: string | null;
};

/** A run's events behind `after`, oldest first, each with its place in the hash chain as far as that is sealed. */
export async function listEvents(
  db: Database,
  runId: RunId,
  after: number,
  limit: number,
): Promise<readonly EventView[]> {
  const [seal] = await select(db, SEALS, [runId, after]);
  const from = Number(seal?.[0] ?? 0);
  const sealed = Number(seal?.[2] ?? 0);
  let hash = seal?.[1] ? String(seal[1]) : chainStart(runId);
  // Nothing is sealed here yet: there is no chain to follow.
  const start = sealed > after ? from : after;
  const stored = (await select(db, EVENTS, [runId, start, after + limit])).map(storedFrom);
  const wanted = stored.filter(({ seq }) => seq > after);
  const payloads = await spilledPayloads(db, wanted.filter(isWhole));
  const hashes = new Map<number, string>();
  for (const event of stored) {
    if (event.seq > sealed) break;
    hash = chainHash(hash, event);
    hashes.set(event.seq, hash);
  }
  return wanted.map((event) => viewOf(event, hashes.get(event.seq) ?? null, payloads));
}

/** Events of all runs behind a global position, without hashes: they are not sealed yet, or not asked for. */
export function eventsSince(db: Database, after: number, limit: number): Promise<readonly PlacedEvent[]> {
  return placedEvents(db, SINCE, [after, limit]);
}

/** The same of some types alone, up to a position. */
export function eventsOfTypes(
  db: Database,
  types: readonly RunEvent["type"][],
  { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<readonly PlacedEvent[]> {
  return placedEvents(db, OF_TYPES, [after, upTo, JSON.stringify(types), limit]);
}

async function placedEvents(
  db: Database,
  query: ReturnType<typeof wide>,
  args: Cells,
): Promise<readonly PlacedEvent[]> {
  const stored = (await select(db, query, args)).map(storedFrom);
  const payloads = await spilledPayloads(db, stored.filter(isWhole));
  return stored.map((event) => ({
    ...viewOf(event, null, payloads),
    position: event.position,
    runId: event.runId,
  }));
}

/** The global position of the newest event. */
export async function lastPosition(db: Database): Promise<number> {
  const [row] = await select(db, "select max(position) from workflow_run_events", []);
  return Number(row?.[0] ?? 0);
}

function storedFrom(row: Cells): Stored {
  const cursor = new Cursor(row);
  return {
    position: cursor.number(),
    runId: cursor.text() as RunId,
    seq: cursor.number(),
    at: cursor.number(),
    actor: cursor.text(),
    channel: cursor.text() as Channel,
    type: cursor.text(),
    data: cursor.text(),
    spilled: cursor.optionalText(),
    remains: cursor.optionalText(),
  };
}

function isWhole({ remains }: Stored): boolean {
  return remains === null;
}

function viewOf(stored: Stored, hash: string | null, payloads: Payloads): EventView {
  const event: RunEvent =
    stored.remains === null
      ? parsedFields<RunEvent>(stored.data, stored.spilled, payloads)
      : JSON.parse(stored.remains);
  const { seq, at, actor, channel } = stored;
  return { seq, at, actor, channel, event, hash };
}
