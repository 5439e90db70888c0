import type { JsonValue } from "../../core/json.ts";
import { printable } from "../../core/printable.ts";

/** A record of an evidence's list. */
export type EvidenceRow = Readonly<Record<string, JsonValue>>;

/** How a part of the evidence is best read. */
export type EvidencePart =
  | { readonly as: "text"; readonly name: string | null; readonly text: string }
  | { readonly as: "facts"; readonly facts: readonly (readonly [name: string, value: string])[] }
  | {
      readonly as: "table";
      readonly name: string | null;
      readonly columns: readonly string[];
      readonly rows: readonly EvidenceRow[];
    }
  | { readonly as: "tree"; readonly name: string | null; readonly value: JsonValue };

/** Wider tables cannot be read beside a decision; a tree can. */
const MOST_COLUMNS = 7;
const SHORT_TEXT = 120;

/** Cuts evidence into parts: short values side by side, lists of records as tables, all else as text or tree. */
export function partsOf(evidence: JsonValue): readonly EvidencePart[] {
  if (!isRecord(evidence)) return [partOf(null, evidence)];
  const entries = Object.entries(evidence);
  const facts = entries.flatMap(([name, value]): (readonly [string, string])[] =>
    isShort(value) ? [[name, textOf(value)]] : [],
  );
  return [
    ...(facts.length > 0 ? [{ as: "facts" as const, facts }] : []),
    ...entries.filter(([, value]) => !isShort(value)).map(([name, value]) => partOf(name, value)),
  ];
}

function partOf(name: string | null, value: JsonValue): EvidencePart {
  if (typeof value === "string") return { as: "text", name, text: value };
  const columns = columnsOf(value);
  return columns === null
    ? { as: "tree", name, value }
    : { as: "table", name, columns, rows: value as readonly EvidenceRow[] };
}

function columnsOf(value: JsonValue): readonly string[] | null {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return null;
  const columns = [...new Set(value.flatMap((row) => Object.keys(row)))];
  return columns.length > 0 && columns.length <= MOST_COLUMNS ? columns : null;
}

function isShort(value: JsonValue): boolean {
  if (typeof value === "string") return value.length <= SHORT_TEXT && !value.includes("\n");
  return value === null || typeof value !== "object";
}

function isRecord(value: JsonValue): value is EvidenceRow {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A value in a cell: texts as they are, the rest as JSON; nothing in it turns a line around. */
export function textOf(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}
