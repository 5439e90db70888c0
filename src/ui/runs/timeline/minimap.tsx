import { type PointerEvent, useMemo, useRef, useState } from "react";
import { duration } from "../../format.ts";
import type { Interval, Scale } from "../model/scale.ts";
import type { RunView } from "../use-view.ts";
import s from "./minimap.module.css";

const BINS = 160;
/** A shorter pull is a click: it takes the zoom away. */
const LEAST_PX = 4;

/** The whole run at a glance: how much worked when, and what failed. A pull over it zooms the timeline. */
export function Minimap({
  scale,
  work,
  view: { run, n, history },
  zoom,
  onZoom,
}: {
  readonly scale: Scale;
  readonly work: readonly Interval[];
  readonly view: RunView;
  readonly zoom: Interval | null;
  readonly onZoom: (zoom: Interval | null) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [pull, setPull] = useState<{ from: number; to: number } | null>(null);
  const { bins, most } = useMemo(() => binsOf(scale, work), [scale, work]);
  const failures = useMemo(
    () =>
      [...history.index.steps.values()].flatMap(({ attempts }) =>
        attempts
          .filter(({ error, endSeq }) => error !== null && endSeq !== null && endSeq <= n)
          .map(({ endAt }) => endAt ?? 0),
      ),
    [history, n],
  );
  const placeOf = ({ clientX }: PointerEvent) => {
    const { left, width } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.min(1, Math.max(0, (clientX - left) / width));
  };
  const end = (event: PointerEvent) => {
    if (!pull) return;
    const [a, b] = [Math.min(pull.from, placeOf(event)), Math.max(pull.from, placeOf(event))];
    const width = box.current?.clientWidth ?? 1;
    onZoom((b - a) * width < LEAST_PX ? null : { from: scale.timeAt(a), to: scale.timeAt(b) });
    setPull(null);
  };
  const shown = pull ?? (zoom && { from: scale.at(zoom.from), to: scale.at(zoom.to) });
  return (
    <div className={s.minimap}>
      <div className={s.side}>
        {zoom ? (
          <button type="button" className={s.reset} onClick={() => onZoom(null)}>
            {duration(zoom.to - zoom.from)} of {duration(scale.to - scale.from)} – show all
          </button>
        ) : (
          <span className={s.hint}>{run.workflow.id}: pull over the strip to zoom</span>
        )}
      </div>
      <div
        ref={box}
        className={s.strip}
        title="Pull over a part to zoom"
        aria-hidden
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setPull({ from: placeOf(event), to: placeOf(event) });
        }}
        onPointerMove={(event) => pull && setPull({ ...pull, to: placeOf(event) })}
        onPointerUp={end}
        onPointerCancel={() => setPull(null)}
      >
        <svg viewBox={`0 0 ${BINS} 20`} preserveAspectRatio="none" className={s.bins} aria-hidden>
          {bins.map(({ x, count }) => (
            <rect key={x} x={x} width={1} y={20 - 16 * (count / most)} height={16 * (count / most)} />
          ))}
        </svg>
        {scale.stretches
          .filter(({ isIdle }) => isIdle)
          .map((gap) => (
            <i
              key={gap.from}
              className={s.idle}
              style={{ left: `${gap.x * 100}%`, width: `${gap.width * 100}%` }}
            />
          ))}
        {failures.slice(0, 200).map((at, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several may fail at once
          <i key={index} className={s.failure} style={{ left: `${scale.at(at) * 100}%` }} />
        ))}
        {shown && (
          <i
            className={s.brush}
            style={{
              left: `${Math.min(shown.from, shown.to) * 100}%`,
              width: `${Math.abs(shown.to - shown.from) * 100}%`,
            }}
          />
        )}
      </div>
    </div>
  );
}

function binsOf(scale: Scale, work: readonly Interval[]) {
  const changes = new Int32Array(BINS + 1);
  for (const { from, to } of work) {
    if (to <= from) continue;
    const first = Math.floor(scale.at(from) * BINS);
    const last = Math.min(BINS - 1, Math.floor(scale.at(to) * BINS));
    changes[first] = (changes[first] ?? 0) + 1;
    changes[last + 1] = (changes[last + 1] ?? 0) - 1;
  }
  const bins: { readonly x: number; readonly count: number }[] = [];
  let count = 0;
  let most = 1;
  for (let x = 0; x < BINS; x++) {
    count += changes[x] ?? 0;
    most = Math.max(most, count);
    if (count > 0) bins.push({ x, count });
  }
  return { bins, most };
}
