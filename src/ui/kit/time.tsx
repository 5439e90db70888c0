import { useNow, useTimeFormat } from "../clock.ts";
import { duration, moment, utc } from "../format.ts";
import { Tip } from "./tooltip.tsx";

/** A moment as the person wants times; the tooltip has it in UTC. */
export function Time({ at }: { readonly at: string | number | null }) {
  const format = useTimeFormat();
  const now = useNow(format === "relative");
  if (at === null) return <span>–</span>;
  const ms = typeof at === "number" ? at : Date.parse(at);
  return (
    <Tip text={utc(ms)}>
      <time dateTime={new Date(ms).toISOString()} className="num">
        {moment(ms, now, format)}
      </time>
    </Tip>
  );
}

/** How long something took, or takes up to now. `until` null: it still goes on. */
export function Elapsed({ from, until }: { readonly from: number; readonly until: number | null }) {
  const now = useNow(until === null);
  return <span className="num">{duration((until ?? now) - from)}</span>;
}
