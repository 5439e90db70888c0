import { useNow } from "../clock.ts";
import { duration } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { HURRY_MS } from "./deadline-groups.ts";

/** How long there is still to decide; red when it is short. */
export function Deadline({ expiresAt }: { readonly expiresAt: string | null }) {
  const now = useNow(expiresAt !== null);
  if (expiresAt === null) return <Note>no deadline</Note>;
  const left = Date.parse(expiresAt) - now;
  return (
    <Note tone={left < HURRY_MS ? "bad" : "person"}>
      <span className="num">
        {left > 0 ? `${duration(Math.ceil(left / 1000) * 1000)} left` : "time is up"}
      </span>
    </Note>
  );
}
