import type { RunId } from "../../core/run/ids.ts";
import type { Cells } from "./database.ts";
import { Cursor } from "./read-rows.ts";
import type { PlacedText } from "./recent-events.ts";

/** An event as it was written: position, run, number, time, actor, channel, type, data and what of it was spilled. */
export function textFrom(row: Cells): PlacedText {
  const cursor = new Cursor(row);
  return {
    position: cursor.number(),
    runId: cursor.text() as RunId,
    seq: cursor.number(),
    at: cursor.number(),
    actor: cursor.text(),
    channel: cursor.text(),
    type: cursor.text(),
    data: cursor.text(),
    spilled: cursor.optionalText(),
  };
}
