import {
  Ban,
  Check,
  CircleDashed,
  Hand,
  LoaderCircle,
  type LucideIcon,
  Pause,
  Radio,
  RotateCw,
  SkipForward,
  TimerOff,
  X,
} from "lucide-react";
import { type ShownStatus, STATUS, type Tone } from "../core/view/status.ts";

const ICON: Readonly<Record<ShownStatus, LucideIcon>> = {
  PENDING: CircleDashed,
  RUNNING: LoaderCircle,
  RETRYING: RotateCw,
  WAITING_APPROVAL: Hand,
  WAITING_SIGNAL: Radio,
  PAUSED: Pause,
  SUCCEEDED: Check,
  COMPLETED: Check,
  FAILED: X,
  TIMED_OUT: TimerOff,
  CANCELLED: Ban,
  SKIPPED: SkipForward,
};

/** How a status is shown: word, icon and tone always go together. */
export type StatusLook = {
  readonly word: string;
  readonly icon: LucideIcon;
  readonly tone: Tone;
  readonly glyph: string;
  readonly spins: boolean;
};

/** The look of a status; the words are the core's, with a capital. */
export function lookOf(status: ShownStatus): StatusLook {
  const { word, tone, glyph } = STATUS[status];
  return {
    word: word.charAt(0).toUpperCase() + word.slice(1),
    icon: ICON[status],
    tone,
    glyph,
    spins: status === "RUNNING",
  };
}

/** The core's words for a status, as in a sentence. */
export function wordOf(status: ShownStatus): string {
  return STATUS[status].word;
}
