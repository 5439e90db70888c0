import type { AgentRun } from "../../../http/schemas/agent-runs.ts";

const MOST_LETTERS = 300;

/** The last lines of what an agent said, called and was answered, as `stn logs` writes them; the latest stands last. */
export function lastLines(
  { agent, turns }: Pick<AgentRun, "agent" | "turns">,
  most: number,
): readonly string[] {
  const lines: string[] = [];
  for (const { text, calls } of turns.toReversed()) {
    for (const call of calls.toReversed()) {
      if (call.text !== null) lines.unshift(...marked(call.isError ? "✗" : "←", call.text));
      lines.unshift(...marked("→", `${call.tool} ${JSON.stringify(call.args)}`));
    }
    lines.unshift(...marked(`${agent}:`, text));
    if (lines.length >= most) break;
  }
  return lines.slice(-most);
}

function marked(mark: string, text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    const shown = line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line;
    return index === 0 ? `${mark} ${shown}` : `  ${shown}`;
  });
}
