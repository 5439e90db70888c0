import { type Run, statusOf } from "../../core/run/run.ts";
import { forecast } from "../../core/view/forecast.ts";
import type { Look } from "../terminal/look.ts";
import { STATUS } from "../terminal/status.ts";
import { oneLine, pad, shorten, textWidth, wrap } from "../terminal/text.ts";
import { duration, span } from "../terminal/time.ts";
import { type Row, rowsOf } from "./rows.ts";
import type { RunView } from "./view.ts";

export type TreeOptions = {
  readonly look: Look;
  /** Cells per line; no line is longer. */
  readonly columns: number;
  readonly now: number;
  /** Where people find the run. */
  readonly address: string;
  /** Counts redraws: what runs turns. */
  readonly frame?: number;
  /** Leave out what can be typed: whoever draws says it in another way. */
  readonly hideHints?: boolean;
};

/** Below this width the agents' names are left out and hints have lines of their own. */
const WIDE = 90;
const DURATION = 7;
/** A note or message takes no more lines than this. */
const MOST_LINES = 4;

/** A run as lines: heading, tree, what lies ahead, and how it stands. */
export function drawTree(view: RunView, options: TreeOptions): readonly string[] {
  const rows = rowsOf(view, options.now);
  const all = [
    ...heading(view, options),
    ...body(rows, options),
    ...tail(view, options),
    ...standing(view, options),
  ];
  return all.map((line) => line.trimEnd());
}

function heading(view: RunView, { look, columns, address }: TreeOptions): readonly string[] {
  const { run } = view;
  if (!run) return [];
  const title = `${run.id}  ${run.workflow.id} v${run.workflow.version}`;
  const room = columns - textWidth(title) - 3;
  const bold = look.paint("bold", shorten(title, columns, look.ellipsis));
  if (textWidth(address) <= room)
    return [bold + " ".repeat(room + 3 - textWidth(address)) + look.paint("dim", address)];
  return textWidth(address) <= columns ? [bold, look.paint("dim", address)] : [bold];
}

function body(
  rows: readonly Row[],
  { look, columns, frame, hideHints = false }: TreeOptions,
): readonly string[] {
  const isWide = columns >= WIDE;
  const nameWidth = Math.min(
    Math.max(...rows.map((row) => 2 * row.depth + textWidth(oneLine(row.name))), 16),
    Math.floor(columns * (isWide ? 0.34 : 0.45)),
  );
  const agents = isWide ? rows.map(({ agent }) => textWidth(oneLine(agent ?? ""))) : [];
  const agentWidth = Math.min(Math.max(0, ...agents), 24);
  const left = 2 + nameWidth + 2 + (agentWidth > 0 ? agentWidth + 2 : 0) + DURATION + 3;
  return rows.flatMap((row) => {
    const indent = "  ".repeat(row.depth);
    const glyph = look.glyph(row.status, row.status === "RUNNING" ? frame : undefined);
    const name = pad(
      shorten(oneLine(row.name), nameWidth - indent.length, look.ellipsis),
      nameWidth - indent.length,
    );
    const agent =
      agentWidth > 0
        ? `${pad(shorten(oneLine(row.agent ?? ""), agentWidth, look.ellipsis), agentWidth)}  `
        : "";
    const time = pad(row.durationMs === null ? "" : duration(row.durationMs), DURATION, "start");
    const room = Math.max(0, columns - left);
    const head = `${indent}${glyph} ${name}  ${look.paint("dim", agent)}${time}`;
    const below = 2 * row.depth + 4;
    const lines = noted(row, look, { head, room, below: isWide ? null : below, columns });
    return hideHints ? lines : [...lines, ...hintLines(row, look, isWide ? left : below, columns)];
  });
}

/** What is worth saying beside the rest; on a narrow terminal, where it does not fit, below it. */
function noted(
  { notes, status }: Row,
  look: Look,
  at: {
    readonly head: string;
    readonly room: number;
    readonly below: number | null;
    readonly columns: number;
  },
): readonly string[] {
  const note = look.typeset(notes.join(" · "));
  const isFailure = status === "FAILED" || status === "TIMED_OUT";
  const style = isFailure ? "red" : status === "WAITING_APPROVAL" ? "yellow" : "dim";
  if (at.below === null || textWidth(note) <= at.room)
    return [`${at.head}   ${look.paint(style, shorten(note, at.room, look.ellipsis))}`];
  const blank = " ".repeat(at.below);
  const width = at.columns - at.below;
  return [at.head, ...lines(note, width, look).map((line) => blank + look.paint(style, line))];
}

/** A few lines of a text at most, none too long. */
function lines(text: string, width: number, look: Look): readonly string[] {
  const all = wrap(text, width);
  const shown = all.slice(0, MOST_LINES);
  if (all.length > MOST_LINES) shown.push(look.ellipsis);
  return shown.map((line) => shorten(line, width, look.ellipsis));
}

function hintLines({ hints }: Row, look: Look, indent: number, columns: number): readonly string[] {
  const texts = hints.map((hint) => look.typeset(oneLine(hint)));
  const blank = " ".repeat(indent);
  const together = texts.join("   ");
  const lines = indent + textWidth(together) <= columns ? [together] : texts;
  return lines
    .filter((line) => line !== "")
    .map((line) => blank + look.paint("yellow", shorten(line, columns - indent, look.ellipsis)));
}

function tail(view: RunView, { look, columns }: TreeOptions): readonly string[] {
  const { ahead, notTaken } = forecast(view.definition, view.run, view.endedAt !== null);
  const parts = [
    ...ahead
      .map(oneLine)
      .map((name) => ({ width: textWidth(name) + 2, text: `${look.glyph("PENDING")} ${name}` })),
    ...notTaken.map(oneLine).map((name) => ({
      width: textWidth(name) + 2,
      text: `${look.glyph("SKIPPED")} ${look.paint("dim", name)}`,
    })),
  ];
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const { width, text } of parts) {
    if (used > 0 && used + 3 + width > columns) {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += used > 0 ? `   ${text}` : text;
    used += used > 0 ? width + 3 : width;
  }
  return line === "" ? lines : [...lines, line];
}

/** The last line: how the run ended, or why it does not move. */
function standing(view: RunView, { look, columns, now }: TreeOptions): readonly string[] {
  const { run } = view;
  if (!run) return [];
  const status = statusOf(run);
  const took = duration((view.endedAt ?? now) - run.createdAt);
  const simulated = run.simulated ? " – simulated: no model was called" : "";
  const say = (text: string) => {
    const said = lines(look.typeset(oneLine(`${STATUS[status].word} ${text}`)), columns - 2, look);
    const style = ["bold", STATUS[status].style] as const;
    return ["", ...said.map((line, i) => `${i === 0 ? look.glyph(status) : " "} ${look.paint(style, line)}`)];
  };
  switch (run.lifecycle.status) {
    case "COMPLETED":
      return say(`in ${took}${simulated}`);
    case "FAILED":
    case "TIMED_OUT": {
      const { state, message } = run.lifecycle.error;
      return say(`after ${took}${state ? ` at ${state}` : ""}: ${message}`);
    }
    case "CANCELLED":
      return say(`after ${took}${run.lifecycle.reason ? `: ${run.lifecycle.reason}` : ""}`);
    case "PAUSED":
      return say(
        `${run.lifecycle.reason ? `(${run.lifecycle.reason}) ` : ""}– go on: stn runs resume ${run.id}`,
      );
    case "PENDING":
      return now - run.createdAt > 2000 ? say(`for ${span(now - run.createdAt)}: ${whyPending(run)}`) : [];
    case "RUNNING":
      return [];
  }
}

function whyPending({ concurrencyKey }: Run): string {
  if (concurrencyKey === null) return "no worker has taken it yet";
  return `others with the concurrency key "${concurrencyKey}" go first, or no worker has taken it yet`;
}
