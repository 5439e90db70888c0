import type { Once, Replay } from "../../engine/ports/runs.ts";
import { type Cells, type Database, type Query, select } from "./database.ts";

/** What is kept under an idempotency key. */
export const ONCE_ANSWER = `select request_hash, answer from workflow_idempotency_keys
where principal = ? and route = ? and key = ? and expires_at > ?`;

/** The answer to a request that came before; `null` when it has not, or too long ago. */
export async function answered(
  db: Database,
  { principal, route, key }: Pick<Once, "principal" | "route" | "key">,
  now: number,
): Promise<Replay | null> {
  const [row] = await select(db, ONCE_ANSWER, [principal, route, key, now]);
  if (!row) return null;
  return { status: "replayed", requestHash: String(row[0]), answer: JSON.parse(String(row[1])) };
}

/** A key is used again after its time. */
export function forgetting({ principal, route, key }: Once, now: number): Query {
  const sql = `delete from workflow_idempotency_keys where principal = ? and route = ? and key = ? and expires_at <= ?`;
  return { sql, args: [principal, route, key, now] };
}

/** An answer as cells, in the order of `ONCE_COLUMNS`. */
export function answerCells({ principal, route, key, requestHash, answer, expiresAt }: Once): Cells {
  return [principal, route, key, requestHash, JSON.stringify(answer), expiresAt];
}

export const ONCE_COLUMNS = "principal, route, key, request_hash, answer, expires_at";
