import type { FlowReport, Verdict } from "../../core/definition/flow/report.ts";
import type { Look, Style } from "../terminal/look.ts";
import { clean } from "../terminal/text.ts";

const VERDICTS: Readonly<Record<Verdict, { readonly words: string; readonly style: Style }>> = {
  compatible: { words: "compatible", style: "green" },
  "cannot-tell": { words: "cannot tell", style: "yellow" },
  incompatible: { words: "incompatible", style: "red" },
};

/** How the data of a workflow flows, for people: every way, what is given and needed there, and what comes of it. */
export function flowText(file: string, { edges, isComplete }: FlowReport, look: Look): string {
  const lines = [look.paint("bold", `${clean(file)}: how data flows`)];
  for (const { within, from, to, line, gives, needs, verdict, reasons } of edges) {
    const { words, style } = VERDICTS[verdict];
    const where = within === null ? "" : `${within}: `;
    const way = `${where}${from ?? (within === null ? "input" : "begin")} → ${to ?? "output"}`;
    lines.push(
      `  ${look.paint(style, words.padEnd(12))}  ${clean(way)}  ${look.paint("dim", `line ${line}`)}`,
    );
    lines.push(`    gives  ${clean(gives)}`, `    needs  ${clean(needs)}`);
    for (const reason of reasons) lines.push(`    ${look.paint(style, "·")} ${clean(reason)}`);
  }
  if (!isComplete) lines.push("  the workflow is too large to be followed to its end");
  return `${look.typeset(lines.join("\n"))}\n`;
}
