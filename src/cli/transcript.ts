import type { AgentRun } from "../http/schemas/agent-runs.ts";
import type { Look } from "./terminal/look.ts";
import { clean, oneLine } from "./terminal/text.ts";

const MOST_SHOWN = 2000;

type Turn = AgentRun["turns"][number];
type ToolCall = Turn["calls"][number];

/** A transcript as it grows: what is written once is never written otherwise, so it can be followed line by line. */
export function transcriptLines(run: AgentRun, look: Look): readonly string[] {
  const lines = [head(run, look)];
  for (const { role, text } of run.prompt) lines.push(said(role, text, look));
  for (const turn of run.turns) {
    if (turn.ask !== null) lines.push(said("user", turn.ask, look));
    if (turn.text !== "") lines.push(said(run.agent, turn.text, look));
    for (const call of turn.calls) {
      const lines2 = callLines(call, look);
      lines.push(...lines2);
      // What is still to come stands behind this: wait for it.
      if (call.status !== "done") return lines;
    }
  }
  return isOver(run) ? [...lines, end(run, look)] : lines;
}

/** The words of a turn under way, as their line begins; null where it would not be written on as it stands. */
export function wordsLine(run: AgentRun, text: string, look: Look): string | null {
  return text === "" || text.length > MOST_SHOWN ? null : said(run.agent, text, look);
}

function head({ agent, model, simulated, attempt, agentRunId, parentId }: AgentRun, look: Look): string {
  const mark = simulated ? " (simulated: no model was called)" : "";
  const below = parentId === null ? "" : `, called by ${parentId}`;
  return look.paint(
    "bold",
    `── ${oneLine(`${agent} · ${model}`)}${mark} · attempt ${attempt} · ${agentRunId}${below}`,
  );
}

function said(who: string, text: string, look: Look): string {
  return `${look.paint("dim", `${who}:`)} ${clip(text)}`;
}

function callLines(call: ToolCall, look: Look): readonly string[] {
  const lines = [`${look.paint("dim", "→")} ${oneLine(`${call.tool} ${JSON.stringify(call.args)}`)}`];
  if (call.decision) {
    const { approved, by, comment } = call.decision;
    lines.push(
      look.paint(
        "dim",
        clean(`  ${approved ? "approved" : "denied"} by ${by}${comment === null ? "" : `: ${comment}`}`),
      ),
    );
  }
  if (call.text !== null) lines.push(`${look.paint("dim", call.isError ? "✗" : "←")} ${clip(call.text)}`);
  return lines;
}

/** True when nothing more will be said. */
export function isOver({ status }: AgentRun): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

function end({ status, usage, error, reason }: AgentRun, look: Look): string {
  const used = usage.inputTokens + usage.outputTokens;
  const cost = usage.costUsd > 0 ? `, $${usage.costUsd.toFixed(4)}` : "";
  const message =
    typeof error === "object" && error !== null && "message" in error ? String(error["message"]) : "";
  const why = message === "" ? (reason ?? "") : message;
  return look.paint("dim", clean(`${status}${why === "" ? "" : `: ${why}`} · ${used} tokens${cost}`));
}

function clip(words: string): string {
  const text = clean(words);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)` : text;
}
