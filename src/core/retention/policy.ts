import { parseDuration } from "../definition/duration.ts";
import { didYouMean } from "../definition/suggest.ts";

/** How runs end, which is what they can be kept by. */
export const FINAL_STATUSES = ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

/** How long finished runs stay in the database. What is written for fewer runs counts more. */
export type Retention = {
  readonly rules: readonly Rule[];
  /** A run with this label is kept until the label's word is `false`; labels are given at a run's start. */
  readonly holdLabel: string;
};

/** `null` in `workflow` and `status`: any. `keepMs` `null`: for ever. */
export type Rule = {
  readonly workflow: string | null;
  readonly status: FinalStatus | null;
  readonly keepMs: number | null;
};

/** What of a finished run decides how long it stays. */
export type Finished = {
  readonly workflowId: string;
  readonly status: FinalStatus;
  /** Milliseconds since 1970. */
  readonly finishedAt: number;
  readonly labels: Readonly<Record<string, string>>;
};

/** How rules are written, for messages. */
export const RETENTION_FORMS =
  '"90d", and after commas exceptions by status or workflow: "90d, FAILED=365d, deploy=730d, deploy:CANCELLED=forever"';

/** Reads rules. What is wrong is a sentence without a subject. */
export function parseRetention(
  text: string,
): { readonly ok: true; readonly rules: readonly Rule[] } | { readonly ok: false; readonly problem: string } {
  const rules: Rule[] = [];
  for (const part of text.split(",").map((one) => one.trim())) {
    const [name = "", time, more] = part.includes("=") ? part.split("=") : ["", part];
    if (time === undefined || time.trim() === "" || more !== undefined)
      return { ok: false, problem: `has a part that is no rule: "${part}"` };
    const subject = subjectOf(name.trim());
    if (typeof subject === "string") return { ok: false, problem: subject };
    const keepMs = keepMsIn(time.trim());
    if (keepMs === undefined)
      return { ok: false, problem: `has "${time.trim()}", which is no time of an hour or more` };
    if (rules.some(({ workflow, status }) => workflow === subject.workflow && status === subject.status))
      return { ok: false, problem: `says two times how long ${name.trim() || "everything"} is kept` };
    rules.push({ ...subject, keepMs });
  }
  return { ok: true, rules };
}

const HOUR_MS = 3_600_000;

function keepMsIn(text: string): number | null | undefined {
  if (text === "forever") return null;
  const seconds = parseDuration(text);
  return seconds === null || seconds * 1000 < HOUR_MS ? undefined : seconds * 1000;
}

function subjectOf(name: string): Pick<Rule, "workflow" | "status"> | string {
  if (name === "") return { workflow: null, status: null };
  const at = name.lastIndexOf(":");
  const last = name.slice(at + 1);
  const status = FINAL_STATUSES.find((one) => one === last) ?? null;
  if (at === -1) return status === null ? { workflow: name, status: null } : { workflow: null, status };
  if (status !== null && at > 0) return { workflow: name.slice(0, at), status };
  const hint = didYouMean(last, FINAL_STATUSES);
  return `has "${last}", which is no status a run ends in${hint ? ` (${hint})` : ""}`;
}

/** How long a run stays after its end: the rule for its workflow and status, for its workflow, for its status, for all. */
export function keepMsOf(rules: readonly Rule[], workflow: string, status: FinalStatus): number | null {
  const fitting = rules.filter(
    (rule) =>
      (rule.workflow === null || rule.workflow === workflow) &&
      (rule.status === null || rule.status === status),
  );
  const [closest] = fitting.sort((a, b) => closeness(b) - closeness(a));
  return closest?.keepMs ?? null;
}

/** How few runs a rule is written for; among those that fit a run the highest counts. */
export function closeness({ workflow, status }: Rule): number {
  return (workflow === null ? 0 : 2) + (status === null ? 0 : 1);
}

/** Whether a finished run's time is over, and nobody holds it by a label. */
export function isDue({ rules, holdLabel }: Retention, run: Finished, now: number): boolean {
  const label = run.labels[holdLabel];
  if (label !== undefined && label !== "false") return false;
  const keepMs = keepMsOf(rules, run.workflowId, run.status);
  return keepMs !== null && run.finishedAt + keepMs <= now;
}

/** The shortest time that any run of a status is kept; `null` when all of them are kept for ever. */
export function shortestKeepMs(rules: readonly Rule[], status: FinalStatus): number | null {
  const times = rules
    .filter((rule) => rule.status === null || rule.status === status)
    .flatMap(({ keepMs }) => (keepMs === null ? [] : [keepMs]));
  return times.length === 0 ? null : Math.min(...times);
}
