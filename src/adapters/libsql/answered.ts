import type { Once, Replay } from "../../engine/ports.ts";
import { type Database, select } from "./database.ts";

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
