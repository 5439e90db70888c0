import type { JsonValue } from "../../core/json.ts";
import type { WorkflowDiff } from "../../http/schemas/workflow-versions.ts";
import type { Look } from "../terminal/look.ts";
import { clean, oneLine, shorten } from "../terminal/text.ts";

/** Values longer than this are cut: the text diff has all of them. */
const LONGEST = 60;

type Sign = "+" | "-" | "~";

/** What changed from one version to another, a line per fact; "" when both do the same. */
export function describeDiff(diff: WorkflowDiff, look: Look): string {
  const lines = [
    ...diff.fields.map((change) => `${signed("~", look)} ${fieldLine("", change, look)}`),
    ...diff.states.flatMap((change) => [
      `${signed(change.change === "added" ? "+" : change.change === "removed" ? "-" : "~", look)} ${look.paint("bold", oneLine(change.state))}  ${look.paint("dim", change.type)}`,
      ...(change.change === "changed" ? change.fields.map((field) => fieldLine("    ", field, look)) : []),
    ]),
    ...listed("agents", diff.agents, look),
    ...listed("approvers", diff.approvers, look),
    ...transitionLines(diff, look),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A unified diff in the colours people know. */
export function paintedLines(text: string, look: Look): string {
  return clean(text)
    .split("\n")
    .map((line) => {
      if (line.startsWith("@@")) return look.paint("cyan", line);
      if (line.startsWith("--- ") || line.startsWith("+++ ")) return look.paint("bold", line);
      if (line.startsWith("+")) return look.paint("green", line);
      return line.startsWith("-") ? look.paint("red", line) : line;
    })
    .join("\n");
}

function fieldLine(
  indent: string,
  { path, before, after }: WorkflowDiff["fields"][number],
  look: Look,
): string {
  const was = before === undefined ? null : look.paint("red", shown(before, look));
  const is = after === undefined ? null : look.paint("green", shown(after, look));
  if (was === null) return `${indent}${oneLine(path)}: ${is}`;
  return is === null
    ? `${indent}${oneLine(path)}: ${was} → nothing`
    : `${indent}${oneLine(path)}: ${was} → ${is}`;
}

function shown(value: JsonValue, look: Look): string {
  return shorten(oneLine(JSON.stringify(value)), LONGEST, look.ellipsis);
}

function listed(title: string, { added, removed }: WorkflowDiff["agents"], look: Look): readonly string[] {
  if (added.length + removed.length === 0) return [];
  const names = [
    ...added.map((name) => look.paint("green", `+${oneLine(name)}`)),
    ...removed.map((name) => look.paint("red", `-${oneLine(name)}`)),
  ];
  return [`${look.paint("dim", `${title}:`)} ${names.join(" ")}`];
}

function transitionLines({ transitions }: WorkflowDiff, look: Look): readonly string[] {
  const line = (sign: Sign) => (way: WorkflowDiff["transitions"]["added"][number]) =>
    `  ${signed(sign, look)} ${oneLine(way.from)} → ${way.to === null ? "end" : oneLine(way.to)}${wayOf(way, look)}`;
  const lines = [...transitions.added.map(line("+")), ...transitions.removed.map(line("-"))];
  return lines.length === 0 ? [] : [look.paint("dim", "transitions:"), ...lines];
}

function wayOf({ on, when }: WorkflowDiff["transitions"]["added"][number], look: Look): string {
  if (when !== undefined) return look.paint("dim", `  if ${shorten(oneLine(when), LONGEST, look.ellipsis)}`);
  return on === "failure" ? look.paint("dim", "  on error") : "";
}

function signed(sign: Sign, look: Look): string {
  const style = sign === "+" ? "green" : sign === "-" ? "red" : "yellow";
  return look.paint(style, sign);
}
