import { useVirtualizer } from "@tanstack/react-virtual";
import { FoldHorizontal } from "lucide-react";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { duration } from "../../format.ts";
import { keyOf, useKeys } from "../../keys.ts";
import { IconButton } from "../../kit/button.tsx";
import { useIsPhone } from "../../kit/use-is-phone.ts";
import { workOf } from "../model/bars.ts";
import type { OutlineRow } from "../model/outline.ts";
import { type Interval, type Scale, scaleOf, ticksOf, zoomed } from "../model/scale.ts";
import type { RunView } from "../use-view.ts";
import { Minimap } from "./minimap.tsx";
import s from "./timeline.module.css";
import { TimelineRow } from "./timeline-row.tsx";
import type { FoldingState } from "./use-folding.ts";

const ROW_PX = 34;
const STRIP_PX = 46;

/** Outline and bars in one row: every state the run came to, and when. */
export function Timeline({
  view,
  rows,
  folding,
  selected,
  isLoading,
  onSelect,
}: {
  readonly view: RunView;
  readonly rows: readonly OutlineRow[];
  readonly folding: FoldingState;
  readonly selected: string | null;
  readonly isLoading: boolean;
  readonly onSelect: (key: string) => void;
}) {
  const { run, history, n, now, isPast } = view;
  const [collapses, setCollapses] = useState(true);
  const [zoom, setZoom] = useState<Interval | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const work = useMemo(
    () => (view.version >= 0 ? workOf(history.index.steps.values(), run, n, now) : []),
    [history, run, n, now, view.version],
  );
  const whole = useMemo(
    () => scaleOf({ from: run.createdAt, to: now }, work, collapses),
    [run.createdAt, now, work, collapses],
  );
  const scale = useMemo(() => zoomed(whole, zoom), [whole, zoom]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === "strip" ? STRIP_PX : ROW_PX),
    overscan: 10,
    getItemKey: (index) => rows[index]?.key ?? index,
  });
  const at = rows.findIndex(({ key }) => key === selected);
  const go = (to: number) => {
    const index = Math.min(Math.max(to, 0), rows.length - 1);
    const row = rows[index];
    if (!row) return;
    onSelect(row.key);
    virtual.scrollToIndex(index);
  };
  const step = (by: 1 | -1) => {
    let to = at + by;
    while (rows[to]?.kind === "strip") to += by;
    go(to);
  };
  useKeys({
    "list.next": () => step(1),
    "list.previous": () => step(-1),
    "list.open": () => {
      const row = rows[at];
      if (row?.kind === "step" && row.group) folding.toggle(row.key, row.group.isOpen);
      else if (row?.kind === "branch") folding.toggle(row.key, row.isOpen);
    },
    "run.idle": () => setCollapses(!collapses),
  });
  // What was selected elsewhere (the graph, a link, `f`) is brought into sight; following a click would only jump.
  const reveal = useEffectEvent(() => at >= 0 && virtual.scrollToIndex(at, { align: "auto" }));
  useEffect(() => {
    if (selected !== null) reveal();
  }, [selected]);
  const hasIdle = whole.stretches.some(({ isIdle }) => isIdle);
  return (
    <div className={s.timeline}>
      <Minimap scale={whole} work={work} view={view} zoom={zoom} onZoom={setZoom} />
      <div className={s.scroller} ref={scroller}>
        <div className={s.axis}>
          <div className={s.axisHead}>
            {isLoading && (
              <span role="status">loading history… {history.seq.toLocaleString("en")} events</span>
            )}
            {(hasIdle || !collapses) && (
              <IconButton
                icon={FoldHorizontal}
                label={collapses ? "Show idle time at full length" : "Collapse idle time"}
                shortcut={keyOf("run.idle")}
                aria-pressed={collapses}
                onClick={() => setCollapses(!collapses)}
              />
            )}
          </div>
          <Axis scale={scale} start={run.createdAt} />
        </div>
        <div
          role="tree"
          aria-label="Steps"
          className={s.rows}
          style={{ height: virtual.getTotalSize() }}
          aria-activedescendant={at >= 0 ? rowId(selected) : undefined}
          tabIndex={0}
        >
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <TimelineRow
                key={item.key}
                id={rowId(row.key)}
                row={row}
                y={item.start}
                scale={scale}
                run={run}
                history={history}
                n={n}
                now={now}
                isSelected={row.key === selected}
                folding={folding}
                onSelect={onSelect}
              />
            );
          })}
          {isPast && <i className={s.cursor} style={{ ["--x" as string]: scale.at(now) }} />}
        </div>
      </div>
    </div>
  );
}

function rowId(key: string | null): string {
  return `row-${key}`;
}

function Axis({ scale, start }: { readonly scale: Scale; readonly start: number }) {
  const isPhone = useIsPhone();
  const label = isPhone ? 0.3 : 0.12;
  const ticks = ticksOf(scale, start, isPhone ? 3 : 5);
  const idle = scale.stretches.filter(({ isIdle }) => isIdle);
  // A label takes about an eighth of the axis, on a phone a third; the ones of idle stretches matter more than round numbers.
  const isFree = (x: number) =>
    idle.every((gap) => x < Math.min(gap.x, 1 - label) - label || x > gap.x + gap.width + 0.04);
  return (
    <div className={s.ticks} aria-hidden>
      {ticks
        .map((tick) => ({ tick, x: scale.at(tick) }))
        .filter(({ x }) => x >= 0 && x < 1 - label / 2 && isFree(x))
        .map(({ tick, x }) => (
          <span key={tick} className={s.tick} style={{ left: `${x * 100}%` }}>
            {tick === start ? "0" : `+${duration(tick - start)}`}
          </span>
        ))}
      {idle.map((gap) => (
        <span
          key={gap.from}
          className={s.gap}
          style={
            gap.x > 0.75 ? { right: 0, translate: "none" } : { left: `${(gap.x + gap.width / 2) * 100}%` }
          }
        >
          ⋯ {duration(gap.to - gap.from)} idle
        </span>
      ))}
    </div>
  );
}
