import { isMet, type Row, ratioOf, type Target } from "./scenario.ts";

const HEAD = ["scenario", "figure", "in flight", "ours", "compared with", "ratio", "target", "met"];

/** The table as Markdown, so that it can go into the README as it is. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  const notes = rows.flatMap(({ scenario, note }) => (note === undefined ? [] : [`${scenario}: ${note}`]));
  return [
    line(head),
    `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`,
    ...body.map(line),
    ...(notes.length > 0 ? ["", ...new Set(notes)] : []),
  ].join("\n");
}

function cellsOf(row: Row): readonly string[] {
  const ratio = ratioOf(row);
  const met = isMet(row);
  return [
    row.scenario,
    `${row.figure}, ${row.unit}`,
    row.inFlight === null ? "" : String(row.inFlight),
    numberText(row.ours),
    numberText(row.other),
    ratio === null ? "" : ratio >= 1 ? `${ratio.toFixed(1)}×` : `${Math.round(ratio * 100)} %`,
    row.target === null ? "" : targetText(row.target, row.unit),
    met === null ? "" : met ? "yes" : "NO",
  ];
}

function targetText(target: Target, unit: string): string {
  if ("ratioAtLeast" in target)
    return target.ratioAtLeast > 1 ? `≥ ${target.ratioAtLeast}×` : `≥ ${target.ratioAtLeast * 100} %`;
  return "ratioAtMost" in target ? `≤ ${target.ratioAtMost}×` : `≤ ${target.atMost} ${unit}`;
}

function numberText(value: number | null): string {
  if (value === null || Number.isNaN(value)) return "";
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
