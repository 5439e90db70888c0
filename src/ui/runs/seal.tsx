import { useQuery } from "@tanstack/react-query";
import { api } from "../api.ts";
import { CopyButton } from "../kit/copy-button.tsx";
import s from "./event-log.module.css";
import type { RunView } from "./use-view.ts";

const VERIFY = "stn audit verify";
/** An event is sealed within a second; nothing tells the page of it. */
const LOOK_MS = 1500;
const LOOKS = 4;

/** The hash that vouches for every event up to the last one shown, and who checks it. */
export function Seal({ view: { history, n, run } }: { readonly view: RunView }) {
  const known = history.events[n - 1]?.hash ?? null;
  const { data } = useQuery({
    queryKey: ["run", run.id, "seal", n],
    queryFn: () => api.listEvents({ params: { runId: run.id }, query: { after: n - 1, limit: 1 } }),
    enabled: known === null && n > 0,
    refetchInterval: ({ state }) =>
      state.dataUpdateCount < LOOKS && !state.data?.items[0]?.hash ? LOOK_MS : false,
  });
  const hash = known ?? data?.items[0]?.hash ?? null;
  if (hash === null) return null;
  return (
    <span
      className={s.seal}
      title="Each event’s hash holds the one before: this one changes when anything up to here does"
    >
      Sealed up to event {n}: <code>{hash.slice(0, 16)}…</code>
      <CopyButton text={hash} name="Copy hash" />
      verified by <code>{VERIFY}</code>
      <CopyButton text={VERIFY} name="Copy command" />
    </span>
  );
}
