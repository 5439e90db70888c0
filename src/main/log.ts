import { styleText } from "node:util";
import { clean } from "../cli/terminal/text.ts";
import { printable } from "../core/printable.ts";
import type { Log } from "../engine/ports.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

/** JSON lines, or short coloured lines for people, without the middle of long lists; `write` gets one whole line. */
export function createLog(
  { level, format }: { readonly level: Level; readonly format: "json" | "pretty" },
  write: (line: string) => void,
): Log {
  const print = format === "json" ? jsonLine : prettyLine;
  const at =
    (own: Level) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
      if (LEVELS.indexOf(own) >= LEVELS.indexOf(level)) write(`${print(own, message, facts)}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** Gathers the lines of one turn of the event loop into one write; nothing is lost when the process ends by itself. */
export function gathered(write: (text: string) => void): { write(line: string): void; flush(): void } {
  let lines: string[] = [];
  const flush = () => {
    if (lines.length === 0) return;
    const text = lines.join("");
    lines = [];
    write(text);
  };
  return {
    write(line) {
      if (lines.push(line) === 1) setImmediate(flush);
    },
    flush,
  };
}

function jsonLine(level: Level, message: string, facts: Readonly<Record<string, unknown>>): string {
  return printable(JSON.stringify({ time: new Date().toISOString(), level, message, ...facts }));
}

const COLOURS = { debug: "gray", info: "cyan", warn: "yellow", error: "red" } as const;

function prettyLine(level: Level, message: string, facts: Readonly<Record<string, unknown>>): string {
  const time = styleText("gray", new Date().toISOString().slice(11, 23));
  const rest = Object.entries(facts)
    .map(
      ([key, value]) => `${styleText("gray", `${key}=`)}${text(level === "info" ? shortened(value) : value)}`,
    )
    .join(" ");
  return `${time} ${styleText(COLOURS[level], level.padEnd(5))} ${message} ${rest}`.trimEnd();
}

const MOST_ITEMS = 3;

/** What went well is told in short: the first of many, the last, and how many. */
function shortened(value: unknown): unknown {
  if (!Array.isArray(value) || value.length <= MOST_ITEMS) return value;
  return `${text(value[0])} … ${text(value.at(-1))} (${value.length})`;
}

function text(value: unknown): string {
  return clean(typeof value === "string" ? value : JSON.stringify(value));
}
