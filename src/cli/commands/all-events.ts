import type { RunEventItem } from "../../http/schemas/runs.ts";
import type { Session } from "../session.ts";

const PAGE = 1000;

/** Every event of a run behind `after` that there is now. */
export async function* allEvents(
  { client, signal }: Session,
  runId: string,
  after: number,
): AsyncGenerator<RunEventItem, void, undefined> {
  let seq = after;
  for (;;) {
    const query = { after: seq, limit: PAGE };
    const { items } = await client.listEvents({ params: { runId }, query, signal });
    yield* items;
    const last = items.at(-1);
    if (!last || items.length < PAGE) return;
    seq = last.seq;
  }
}
