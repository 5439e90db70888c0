import type { RunStatus, StepStatus } from "../run/run.ts";

/** Every status people see, the derived ones included. */
export type ShownStatus = RunStatus | StepStatus | "RETRYING" | "SKIPPED";

/** What a status means to people: amber only where a person is needed, red only for failure. */
export type Tone = "quiet" | "work" | "person" | "signal" | "good" | "bad";

export type StatusLook = {
  readonly word: string;
  readonly glyph: string;
  /** For outputs that cannot show the glyph. */
  readonly ascii: string;
  readonly tone: Tone;
};

/** Word, sign and tone of each status: the one table of terminal and web. */
export const STATUS: Readonly<Record<ShownStatus, StatusLook>> = {
  PENDING: { word: "pending", glyph: "○", ascii: "o", tone: "quiet" },
  RUNNING: { word: "running", glyph: "◐", ascii: ">", tone: "work" },
  RETRYING: { word: "retrying", glyph: "↻", ascii: "~", tone: "work" },
  WAITING_APPROVAL: { word: "needs approval", glyph: "◆", ascii: "?", tone: "person" },
  WAITING_SIGNAL: { word: "waiting for signal", glyph: "◇", ascii: "<", tone: "signal" },
  PAUSED: { word: "paused", glyph: "‖", ascii: "=", tone: "quiet" },
  SUCCEEDED: { word: "succeeded", glyph: "✓", ascii: "+", tone: "good" },
  COMPLETED: { word: "completed", glyph: "✓", ascii: "+", tone: "good" },
  FAILED: { word: "failed", glyph: "✕", ascii: "x", tone: "bad" },
  TIMED_OUT: { word: "timed out", glyph: "⧖", ascii: "T", tone: "bad" },
  CANCELLED: { word: "cancelled", glyph: "⊘", ascii: "-", tone: "quiet" },
  SKIPPED: { word: "not taken", glyph: "⊳", ascii: "/", tone: "quiet" },
};
