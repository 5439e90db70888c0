/** Something about the audit trail that is not as it was kept. */
export type Fault = {
  /** What is wrong: `run`, `checkpoint`, … */
  readonly kind:
    | "run"
    | "administration"
    | "checkpoint"
    | "anchor"
    | "definition"
    | "approval"
    | "export"
    | "payload";
  /** Which one: a run's id, a checkpoint's number, `default/triage v3`. */
  readonly subject: string;
  /** The first event that is wrong or missing; `null` where it is not about one. */
  readonly seq: number | null;
  /** The last one that may be meant, when it cannot be said exactly which it is. */
  readonly upTo: number | null;
  /** The fields that were changed, as far as the marks tell. */
  readonly fields: readonly string[];
  readonly message: string;
};

/** A fault of which nothing more is known than `more` says. */
export function fault(
  kind: Fault["kind"],
  subject: string,
  message: string,
  more: Partial<Pick<Fault, "seq" | "upTo" | "fields">> = {},
): Fault {
  return { kind, subject, seq: null, upTo: null, fields: [], message, ...more };
}
