import type { RunEventItem } from "../../http/schemas/runs.ts";
import { saveText } from "../kit/save-text.ts";
import type { History } from "./model/history.ts";

/** Why a run's events cannot be saved while they come in. */
export const NOT_WHOLE = "Not all of its events are here yet";

/** Saves a run's events as a file: exactly what the server sent, hashes included. */
export function exportEvents(
  history: History,
  format: "json" | "ndjson",
  events: readonly RunEventItem[] = history.events,
): void {
  const runId = String(history.events[0]?.data["runId"] ?? "run");
  const text = format === "json" ? `${JSON.stringify(events, null, 2)}\n` : ndjson(events);
  saveText(
    text,
    `${runId}.events.${format}`,
    format === "json" ? "application/json" : "application/x-ndjson",
  );
}

function ndjson(events: readonly RunEventItem[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}
