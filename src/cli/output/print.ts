import { stringify } from "yaml";
import { isObeyed, printable } from "../../core/printable.ts";
import { MOST_LISTED } from "../options.ts";
import type { Session } from "../session.ts";
import { oneLine } from "../terminal/text.ts";
import { type Column, table, tabSeparated } from "./table.ts";

/** A page of the API, as every list answers it. */
export type PageOf<Row> = { readonly items: readonly Row[]; readonly nextCursor: string | null };

export type ListShape<Row> = {
  readonly columns: readonly Column<Row>[];
  readonly id: (row: Row) => string;
  /** Said to the person when there is nothing. */
  readonly empty: string;
};

/** A list in the format that was asked for. */
export function printList<Row>(session: Session, page: PageOf<Row>, shape: ListShape<Row>): void {
  const { format, out } = session;
  const { length } = page.items;
  session.write(listText(session, page, shape));
  if (length === 0 && format === "table" && out.output.isTty) session.say(shape.empty);
  // As JSON and YAML the page says so itself.
  if (page.nextCursor === null || format === "json" || format === "yaml") return;
  session.say(
    length < MOST_LISTED
      ? `there are more than these ${length}: --limit shows up to ${MOST_LISTED}`
      : `there are more than these ${length}, as many as a list has: say more closely which`,
  );
}

function listText<Row>({ format, out }: Session, page: PageOf<Row>, shape: ListShape<Row>): string {
  const { items } = page;
  switch (format) {
    case "json":
      return json(page);
    case "yaml":
      return yaml(page);
    case "jsonl":
      return items.map(jsonLine).join("");
    case "id":
      return items.map((row) => `${shape.id(row)}\n`).join("");
    case "table":
      return out.output.isTty
        ? table(shape.columns, items, { look: out.look, width: out.width() })
        : tabSeparated(shape.columns, items);
  }
}

/** What a command changed: the object for programs, a sentence for people. */
export function printDone<Value>(
  session: Session,
  value: Value,
  { id, row, sentence }: { id: (value: Value) => string; row: readonly string[]; sentence: string },
): void {
  session.say(sentence);
  if (session.format !== "table") printValue(session, value, id);
  else if (!session.out.output.isTty) session.write(`${row.map(oneLine).join("\t")}\n`);
}

/** An object for programs. */
export function printValue<Value>(session: Session, value: Value, id: (value: Value) => string): void {
  session.write(valueText(session, value, id));
}

function valueText<Value>({ format }: Session, value: Value, id: (value: Value) => string): string {
  switch (format) {
    case "jsonl":
      return jsonLine(value);
    case "yaml":
      return yaml(value);
    case "id":
      return `${id(value)}\n`;
    case "json":
    case "table":
      return json(value);
  }
}

export function json(value: unknown): string {
  return `${printable(JSON.stringify(value, null, 2))}\n`;
}

export function jsonLine(value: unknown): string {
  return `${printable(JSON.stringify(value))}\n`;
}

export function yaml(value: unknown): string {
  const text = stringify(value);
  if (!isObeyed(text)) return text;
  return printable(stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE" }));
}
