import { isList, isObject, type JsonValue } from "../json.ts";
import type { Approval, RunStatus } from "../run/run.ts";

/** What is told of a run, and of an approval where it is about one. */
export type Data = {
  readonly runId: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly environment: string;
  readonly startedBy: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How it ended; `null` while it goes on. */
  readonly status: Extract<RunStatus, "COMPLETED" | "FAILED" | "CANCELLED" | "TIMED_OUT"> | null;
  /** Why it ended so; `null` for nothing to say. */
  readonly message: string | null;
  readonly link: string | null;
  readonly approval: {
    readonly approvalId: string;
    readonly state: string;
    readonly title: string | null;
    readonly message: string;
    readonly approvers: readonly string[];
    readonly expiresAt: string | null;
    readonly status: Approval["status"];
    readonly decidedBy: string | null;
    readonly comment: string | null;
    /** Of an escalation, from 1. */
    readonly level: number | null;
    /** Whom an escalation brought in. */
    readonly to: readonly string[];
    /** What the workflow's escalation says beside that; `null` when it is long. */
    readonly notify: JsonValue;
    readonly link: string | null;
  } | null;
};

/** Of the JSON of `data`, so that the whole stays under 20 KB. */
const MOST_BYTES = 19_000;
/** Each step shows less: characters of a text, entries of a list. */
const STEPS = [
  { text: 2000, name: 200, entries: 50 },
  { text: 1000, name: 100, entries: 20 },
  { text: 300, name: 60, entries: 10 },
] as const;

/** The data with its texts and lists cut as far as it takes to be small; what was cut says so. */
export function fitted(data: Data): Data {
  let cut = data;
  for (const step of STEPS) {
    cut = cutTo(data, step);
    if (bytesOf(cut) <= MOST_BYTES) break;
  }
  return cut;
}

function cutTo(data: Data, { text, name, entries }: (typeof STEPS)[number]): Data {
  const names = (all: readonly string[]) => all.slice(0, entries).map((one) => clipped(one, name));
  const labels = Object.entries(data.labels).slice(0, entries);
  const { approval } = data;
  return {
    ...data,
    startedBy: clipped(data.startedBy, name),
    labels: Object.fromEntries(labels.map(([key, value]) => [clipped(key, name), clipped(value, name)])),
    message: data.message === null ? null : clipped(data.message, text),
    approval: approval && {
      ...approval,
      title: approval.title === null ? null : clipped(approval.title, name),
      message: clipped(approval.message, text),
      approvers: names(approval.approvers),
      decidedBy: approval.decidedBy === null ? null : clipped(approval.decidedBy, name),
      comment: approval.comment === null ? null : clipped(approval.comment, text),
      to: names(approval.to),
      notify: bytesOf(approval.notify) > text ? null : approval.notify,
    },
  };
}

/** At most `most` characters, never half of one. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.codePointAt(most - 2) ?? 0;
  return `${text.slice(0, end > 0xffff ? most - 2 : most - 1)}…`;
}

/** A copy whose texts are all `change`d; keys stay. */
export function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === "string") return change(value);
  if (isList(value)) return value.map((item) => mapTexts(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
