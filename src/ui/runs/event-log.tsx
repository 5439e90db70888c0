import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight, Download } from "lucide-react";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import type { RunEventItem } from "../../http/schemas/runs.ts";
import { duration, plural } from "../format.ts";
import { Button } from "../kit/button.tsx";
import { Chips } from "../kit/chips.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { FilterInput } from "../kit/field.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import s from "./event-log.module.css";
import { exportEvents, NOT_WHOLE } from "./export-events.ts";
import { FAMILIES, type Family, familyOf, filterEvents } from "./model/event-filter.ts";
import { Seal } from "./seal.tsx";
import { type RunView, useRunSearch } from "./use-view.ts";

/** Every event up to the cursor, oldest first: filtered, unfolded, exported. */
export function EventLog({
  view,
  isWhole,
  onSelect,
}: {
  readonly view: RunView;
  /** False while more of its history comes in. */
  readonly isWhole: boolean;
  readonly onSelect: (step: string) => void;
}) {
  const { history, n, run } = view;
  const { change } = useRunSearch();
  const [families, setFamilies] = useState<ReadonlySet<Family>>(new Set());
  const [text, setText] = useState("");
  const needle = useDeferredValue(text);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const events = useMemo(
    () => filterEvents(history.events, n, { families, text: needle }),
    [history, n, families, needle],
  );
  const counts = useMemo(() => countsOf(history.events, n), [history, n]);
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 34,
    overscan: 12,
    getItemKey: (index) => events[index]?.seq ?? index,
  });
  const toggle = <Value,>(set: ReadonlySet<Value>, value: Value) =>
    set.has(value) ? new Set([...set].filter((other) => other !== value)) : new Set([...set, value]);
  const isFiltered = families.size > 0 || needle !== "";
  return (
    <div className={s.log}>
      <div className={s.bar}>
        <Chips
          label="Kinds of events"
          isOn={(family) => families.has(family)}
          onToggle={(family) => setFamilies(toggle(families, family))}
          chips={FAMILIES.filter((family) => (counts.get(family) ?? 0) > 0).map((value) => ({
            value,
            label: value,
            count: counts.get(value),
          }))}
        />
        <span className={s.tools}>
          <FilterInput label="Filter events" value={text} onChange={setText} />
          <Button
            icon={Download}
            disabledBecause={isWhole ? null : NOT_WHOLE}
            onClick={() => exportEvents(history, "json", events)}
            hint="What is shown, as JSON"
          >
            JSON
          </Button>
          <Button
            icon={Download}
            disabledBecause={isWhole ? null : NOT_WHOLE}
            onClick={() => exportEvents(history, "ndjson", events)}
            hint="What is shown, one event a line"
          >
            NDJSON
          </Button>
        </span>
      </div>
      {events.length === 0 ? (
        <EmptyState
          title="No event matches"
          action={
            <Button
              onClick={() => {
                setFamilies(new Set());
                setText("");
              }}
            >
              Clear filters
            </Button>
          }
        >
          {plural(n, "event")} up to here, none of them {needle && `with “${needle}”`}{" "}
          {families.size > 0 && `of ${[...families].join(", ")}`}.
        </EmptyState>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <div className={s.scroller} ref={scroller} tabIndex={0} role="region" aria-label="Events">
          <div className={s.head} aria-hidden>
            <span>#</span>
            <span>Time</span>
            <span>Event</span>
            <span>Step</span>
            <span>Actor</span>
          </div>
          <ol className={s.rows} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const event = events[item.index];
              if (!event) return null;
              const isOpen = open.has(event.seq);
              return (
                <li
                  key={item.key}
                  data-index={item.index}
                  ref={virtual.measureElement}
                  className={s.event}
                  style={{ translate: `0 ${item.start}px` }}
                >
                  <button
                    type="button"
                    className={s.row}
                    aria-expanded={isOpen}
                    onClick={() => setOpen(toggle(open, event.seq))}
                  >
                    <span className="num">
                      <ChevronRight size={12} className={s.chevron} aria-hidden />
                      {event.seq}
                    </span>
                    <span className="num">+{duration(Date.parse(event.at) - run.createdAt)}</span>
                    <span className={s.type} data-family={familyOf(event.type)}>
                      {event.type}
                    </span>
                    <span className={s.place}>{event.state ?? event.branch ?? ""}</span>
                    <span className={s.actor}>
                      {event.actor}
                      {event.channel !== "worker" && ` · ${event.channel}`}
                    </span>
                  </button>
                  {isOpen && (
                    <div className={s.payload}>
                      <div className={s.tools}>
                        {event.stepId && (
                          <Button onClick={() => onSelect(event.stepId ?? "")}>Select the step</Button>
                        )}
                        <Button onClick={() => change({ at: event.seq })}>See the run as of here</Button>
                        {event.hash && <CopyButton text={event.hash} label="Copy the hash up to here" />}
                      </div>
                      <JsonTree value={event.data} name={`event ${event.seq}`} />
                    </div>
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      )}
      <div className={s.foot}>
        <span>
          {isFiltered ? `${events.length.toLocaleString("en")} of ${plural(n, "event")}` : plural(n, "event")}
        </span>
        <Seal view={view} />
      </div>
    </div>
  );
}

function countsOf(events: readonly RunEventItem[], n: number): ReadonlyMap<Family, number> {
  const counts = new Map<Family, number>();
  for (const { seq, type } of events) {
    if (seq > n) break;
    const family = familyOf(type);
    counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  return counts;
}
