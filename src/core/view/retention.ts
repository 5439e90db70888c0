import { closeness, type FinalStatus, type Rule } from "../retention/policy.ts";

/** Whose runs stay how long after their end. */
export type Stay = { readonly whose: string; readonly stay: string };

const WORDS: Readonly<Record<FinalStatus, string>> = {
  COMPLETED: "Completed",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
  TIMED_OUT: "Timed-out",
};

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** Rules of retention in words. The first line that fits a run counts; the last one fits all. */
export function staysOf(rules: readonly Rule[]): readonly Stay[] {
  const isWhole = rules.some(({ workflow, status }) => workflow === null && status === null);
  const all: Rule = { workflow: null, status: null, keepMs: null };
  const lines = [...rules, ...(isWhole ? [] : [all])].sort((a, b) => closeness(b) - closeness(a));
  return lines.map((rule) => ({ whose: whoseOf(rule, lines.length), stay: timeOf(rule.keepMs) }));
}

function whoseOf({ workflow, status }: Rule, lines: number): string {
  if (workflow === null && status === null) return lines === 1 ? "Finished runs" : "All others";
  const runs = status === null ? "Runs" : `${WORDS[status]} runs`;
  return workflow === null ? runs : `${runs} of ${workflow}`;
}

function timeOf(keepMs: number | null): string {
  if (keepMs === null) return "for ever";
  let left = keepMs;
  const parts: string[] = [];
  for (const [unit, ms] of UNITS) {
    const n = Math.floor(left / ms);
    left -= n * ms;
    if (n > 0) parts.push(`${n} ${unit}${n === 1 ? "" : "s"}`);
  }
  return parts.join(" ");
}
