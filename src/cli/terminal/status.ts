import type { RunStatus, StepStatus } from "../../core/run/run.ts";
import type { Style } from "./look.ts";

/** Every status people see, the derived ones included. */
export type ShownStatus = RunStatus | StepStatus | "RETRYING" | "SKIPPED";

export type StatusLook = {
  readonly word: string;
  readonly glyph: string;
  /** For outputs that cannot show the glyph. */
  readonly ascii: string;
  readonly style: Style;
};

/** Word, sign and colour of each status (ui.md §5): amber only where a person is needed, red only for failure. */
export const STATUS: Readonly<Record<ShownStatus, StatusLook>> = {
  PENDING: { word: "pending", glyph: "○", ascii: "o", style: "dim" },
  RUNNING: { word: "running", glyph: "◐", ascii: ">", style: "blue" },
  RETRYING: { word: "retrying", glyph: "↻", ascii: "~", style: "blue" },
  WAITING_APPROVAL: { word: "needs approval", glyph: "◆", ascii: "?", style: "yellow" },
  WAITING_SIGNAL: { word: "waiting for signal", glyph: "◇", ascii: "<", style: "magenta" },
  PAUSED: { word: "paused", glyph: "‖", ascii: "=", style: "dim" },
  SUCCEEDED: { word: "succeeded", glyph: "✓", ascii: "+", style: "green" },
  COMPLETED: { word: "completed", glyph: "✓", ascii: "+", style: "green" },
  FAILED: { word: "failed", glyph: "✕", ascii: "x", style: "red" },
  TIMED_OUT: { word: "timed out", glyph: "⧖", ascii: "T", style: "red" },
  CANCELLED: { word: "cancelled", glyph: "⊘", ascii: "-", style: "dim" },
  SKIPPED: { word: "not taken", glyph: "⊳", ascii: "/", style: "dim" },
};
