import { Time } from "../kit/time.tsx";
import { Banner } from "./banner.tsx";

/** Across the page of a purged run: what of it is gone, and what is left. */
export function PurgedNote({ at }: { readonly at: number | null }) {
  if (at === null) return null;
  return (
    <Banner status="CANCELLED" icon={false}>
      <b>Purged</b> <Time at={at} />: input, outputs, messages and logs were taken out of the database. Who
      did what, and when, is left.
    </Banner>
  );
}

/** What stands where values of a purged run were: what is left there is empty, and not what they were. */
export function Purged({ at, children }: { readonly at: number; readonly children: string }) {
  return (
    <>
      {children} purged <Time at={at} />.
    </>
  );
}
