import type { RunRow } from "../../../http/schemas/runs.ts";

/** The forms a list of runs is saved in: as sent by the server, or as a table. */
export const RUN_FORMATS = {
  json: { label: "JSON", type: "application/json" },
  ndjson: { label: "NDJSON, a line per run", type: "application/x-ndjson" },
  csv: { label: "CSV, for spreadsheets", type: "text/csv" },
} as const;

export type RunFormat = keyof typeof RUN_FORMATS;

const COLUMNS = [
  "runId",
  "workflowId",
  "workflowVersion",
  "environment",
  "status",
  "startedBy",
  "createdAt",
  "startedAt",
  "finishedAt",
  "labels",
  "why",
] as const satisfies readonly (keyof RunRow)[];

/** Runs as the text of a file. */
export function textOfRuns(runs: readonly RunRow[], format: RunFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(runs, null, 2)}\n`;
    case "ndjson":
      return runs.map((run) => `${JSON.stringify(run)}\n`).join("");
    case "csv":
      // RFC 4180.
      return [COLUMNS.join(","), ...runs.map((run) => COLUMNS.map((column) => cellOf(run[column])).join(","))]
        .map((line) => `${line}\r\n`)
        .join("");
  }
}

function cellOf(value: RunRow[keyof RunRow]): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? labelsOf(value) : String(value);
  // A spreadsheet takes these for the beginning of a formula; who starts runs may have written them.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function labelsOf(labels: Readonly<Record<string, unknown>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
