import { ChevronLeft, ChevronRight, Radio, SkipForward } from "lucide-react";
import { useConnection } from "../connection.ts";
import { useKeys } from "../keys.ts";
import { Button, IconButton } from "../kit/button.tsx";
import s from "./replay-bar.module.css";
import { type RunView, useRunSearch } from "./use-view.ts";

/** The time cursor: every view of the page is drawn as of the event it stands on. */
export function ReplayBar({
  view,
  isOver,
  isCaughtUp,
}: {
  readonly view: RunView;
  readonly isOver: boolean;
  readonly isCaughtUp: boolean;
}) {
  const { history, n, isPast } = view;
  const { change } = useRunSearch();
  const connection = useConnection();
  const last = history.seq;
  const go = (to: number) => change({ at: to >= last ? undefined : Math.max(1, to) });
  const { boundaries } = history.index;
  useKeys({
    "replay.previous": () => go(n - 1),
    "replay.next": isPast ? () => go(n + 1) : null,
    "replay.previousStep": () => go(boundaries.findLast((seq) => seq < n) ?? 1),
    "replay.nextStep": isPast ? () => go(boundaries.find((seq) => seq > n) ?? last) : null,
    "replay.live": () => change({ at: undefined }),
  });
  const stands = isOver
    ? "Final"
    : connection.is === "reconnecting"
      ? "Reconnecting…"
      : isCaughtUp
        ? "Live"
        : "Loading…";
  const event = history.events[n - 1];
  const place = event?.state ?? event?.branch ?? "";
  return (
    <section className={s.bar} aria-label="Replay">
      {isPast ? (
        <Button look="primary" icon={SkipForward} onClick={() => change({ at: undefined })}>
          Back to live
        </Button>
      ) : (
        <span
          className={s.state}
          data-tone={stands === "Live" ? "good" : stands === "Reconnecting…" ? "person" : "quiet"}
        >
          {isOver ? null : <Radio size={13} aria-hidden />}
          {stands}
        </span>
      )}
      <input
        type="range"
        className={s.range}
        aria-label="Event"
        aria-valuetext={`event ${n} of ${last}: ${event?.type ?? ""} ${place}`}
        min={1}
        max={Math.max(1, last)}
        value={n}
        style={{ ["--part" as string]: last <= 1 ? 1 : (n - 1) / (last - 1) }}
        onChange={({ target }) => go(Number(target.value))}
      />
      <span className={s.event} title={event?.type}>
        #{n} {event?.type} {place}
      </span>
      <span className={s.steps}>
        <IconButton icon={ChevronLeft} label="Previous event" shortcut="←" onClick={() => go(n - 1)} />
        <IconButton icon={ChevronRight} label="Next event" shortcut="→" onClick={() => go(n + 1)} />
      </span>
    </section>
  );
}
