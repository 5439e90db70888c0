import { isoTime } from "../../core/time.ts";

/** `50ms`, `32.6s`, `02:14`, `1h 02m`, `3d 4h`. */
export function duration(ms: number): string {
  const shown = Math.max(0, ms);
  if (shown < 1000) return `${Math.round(shown)}ms`;
  if (shown < 59_950) return `${(shown / 1000).toFixed(1)}s`;
  const seconds = Math.round(shown / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${two(minutes)}:${two(seconds % 60)}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A span in its largest unit, rounded up below so that nothing is over before it is: `45s`, `57m`, `3h`, `2d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export type TimeStyle = "relative" | "iso";

/** A moment as people or programs want it. */
export function moment(at: number, now: number, style: TimeStyle): string {
  if (style === "iso") return isoTime(at);
  return at > now + 1000 ? `in ${span(at - now)}` : `${span(now - at)} ago`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
