const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const SHORT = /^(?:\d+(?:\.\d+)?(?:ms|[smhd])\s*)+$/;
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/;

/** How a duration may be written, for messages. */
export const DURATION_FORMS = '"90s", "2m", "1h", "1h30m" or ISO-8601 like "PT5M"';

/** Seconds of `90s`, `2m`, `1h30m`, `500ms`, `2d` or ISO-8601 (without months and years); `null` otherwise. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  const seconds = SHORT.test(trimmed) ? shortSeconds(trimmed) : isoSeconds(trimmed);
  return seconds === null || !Number.isFinite(seconds) ? null : Math.round(seconds * 1000) / 1000;
}

/** Each unit once, from large to small: "1h1h" and "5s1h" are slips of the pen. */
function shortSeconds(text: string): number | null {
  let sum = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    const size = UNITS[unit as keyof typeof UNITS];
    if (size >= last) return null;
    sum += Number(count) * size;
    last = size;
  }
  return sum;
}

function isoSeconds(text: string): number | null {
  const match = ISO.exec(text);
  if (!match || text === "P" || text.endsWith("T")) return null;
  const [weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part) => Number((part ?? "0").replace(",", ".")));
  return (
    (weeks ?? 0) * 604_800 + (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
  );
}
