import { type ShownStatus, STATUS as STATUSES, type StatusLook, type Tone } from "../../core/view/status.ts";
import type { Style } from "./look.ts";

const STYLE: Readonly<Record<Tone, Style>> = {
  quiet: "dim",
  work: "blue",
  person: "yellow",
  signal: "magenta",
  good: "green",
  bad: "red",
};

/** Word, sign and colour of each status in a terminal. */
export const STATUS = Object.fromEntries(
  Object.entries(STATUSES).map(([status, look]) => [status, { ...look, style: STYLE[look.tone] }]),
) as Readonly<Record<ShownStatus, StatusLook & { readonly style: Style }>>;
