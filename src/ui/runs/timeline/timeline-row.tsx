import { ChevronRight } from "lucide-react";
import { memo } from "react";
import type { Run } from "../../../core/run/run.ts";
import { duration } from "../../format.ts";
import { Note, StatusIcon } from "../../kit/badge.tsx";
import { lookOf } from "../../status.ts";
import { barsOf, statusOfBar } from "../model/bars.ts";
import type { History } from "../model/history.ts";
import { endAsOf } from "../model/index-events.ts";
import type { OutlineRow } from "../model/outline.ts";
import type { Scale } from "../model/scale.ts";
import { noteOfExit } from "../model/switch-note.ts";
import s from "./timeline.module.css";
import type { FoldingState } from "./use-folding.ts";

type RowProps = {
  readonly id: string;
  readonly row: OutlineRow;
  readonly y: number;
  readonly scale: Scale;
  readonly run: Run;
  readonly history: History;
  readonly n: number;
  readonly now: number;
  readonly isSelected: boolean;
  readonly folding: FoldingState;
  readonly onSelect: (key: string) => void;
};

/** One row: name and length on the left, its bars on the right; the whole of it can be clicked. */
export const TimelineRow = memo(function TimelineRow(props: RowProps) {
  const { id, row, y, isSelected, onSelect } = props;
  const style = { translate: `0 ${y}px`, ["--depth" as string]: row.depth };
  if (row.kind === "strip") return <Strip row={row} style={style} onSelect={onSelect} />;
  const isOpen =
    row.kind === "branch" ? row.isOpen : row.kind === "step" && row.group ? row.group.isOpen : undefined;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree is moved through by keys of the page
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-selected={isSelected}
      aria-expanded={isOpen}
      className={s.row}
      data-quiet={row.kind === "ahead" || undefined}
      style={style}
      onClick={() => onSelect(row.key)}
    >
      <div className={s.cell}>
        <StatusIcon status={row.status} />
        <span className={s.name}>{row.title}</span>
        <Notes {...props} />
        <span className={s.length}>{lengthOf(props)}</span>
      </div>
      <div className={s.lane}>
        <Bars {...props} />
      </div>
    </div>
  );
});

function Notes({ row, folding }: RowProps) {
  if (row.kind === "branch")
    return <Fold isOpen={row.isOpen} onToggle={() => folding.toggle(row.key, row.isOpen)} name={row.title} />;
  if (row.kind !== "step") return null;
  const { group, step } = row;
  return (
    <>
      {step.attempt > 1 && <Note tone="person">×{step.attempt}</Note>}
      {step.reusedFrom !== null && <Note>taken over</Note>}
      {group && (
        <>
          <Fold
            isOpen={group.isOpen}
            onToggle={() => folding.toggle(row.key, group.isOpen)}
            name={row.title}
          />
          {row.trail.type === "foreach" && (
            <span className={s.count}>
              {group.succeeded + group.failed}/{group.total}
            </span>
          )}
          {group.failed > 0 && row.trail.type === "foreach" && (
            <button
              type="button"
              className={s.onlyFailed}
              aria-pressed={group.onlyFailed}
              title={group.onlyFailed ? "Show all items" : "Show only items that failed"}
              onClick={(event) => {
                event.stopPropagation();
                folding.toggleOnlyFailed(row.key);
              }}
            >
              ✕ {group.failed}
            </button>
          )}
        </>
      )}
    </>
  );
}

function Fold({
  isOpen,
  onToggle,
  name,
}: {
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly name: string;
}) {
  return (
    <button
      type="button"
      className={s.fold}
      data-open={isOpen || undefined}
      aria-label={`${isOpen ? "Fold" : "Unfold"} ${name}`}
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <ChevronRight size={14} aria-hidden />
    </button>
  );
}

function Bars({ row, scale, history, n, now }: RowProps) {
  if (row.kind === "branch") {
    const to = endAsOf(row.branch, n) ?? now;
    return <BarOf scale={scale} from={row.branch.at} to={to} kind="group" tone={lookOf(row.status).tone} />;
  }
  if (row.kind !== "step") return null;
  const bars = barsOf(row.trail, row.step, n, now);
  const end = bars.at(-1);
  const note = noteOfExit(history, row.trail, n);
  return (
    <>
      {bars.map((bar) => (
        <BarOf
          key={`${bar.kind}${bar.from}`}
          scale={scale}
          from={bar.from}
          to={bar.to}
          kind={bar.kind}
          tone={lookOf(statusOfBar(bar, row.status)).tone}
          isDotted={row.status === "TIMED_OUT" && bar === end}
        />
      ))}
      {note && end && <Said x={scale.at(end.to)} text={note} />}
    </>
  );
}

/** Why a switch went where it went, beside its bar: on the side where there is room. */
function Said({ x, text }: { readonly x: number; readonly text: string }) {
  const style = x < 0.6 ? { left: `calc(${x * 100}% + 10px)` } : { right: `calc(${(1 - x) * 100}% + 10px)` };
  return (
    <span className={s.said} style={style} title={text}>
      {text}
    </span>
  );
}

function BarOf({
  scale,
  from,
  to,
  kind,
  tone,
  isDotted,
}: {
  readonly scale: Scale;
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly tone: string;
  readonly isDotted?: boolean;
}) {
  const [a, b] = [scale.at(from), scale.at(to)];
  if (b < 0 || a > 1) return null;
  const left = Math.max(0, a);
  return (
    <i
      className={s.bar}
      data-kind={kind}
      data-tone={tone}
      data-dotted={isDotted || undefined}
      style={{ left: `${left * 100}%`, width: `${(Math.min(1, b) - left) * 100}%` }}
    />
  );
}

/** A long foreach in one line: a mark per item while there is room, else a share per mark. */
function Strip({
  row,
  style,
  onSelect,
}: {
  readonly row: Extract<OutlineRow, { kind: "strip" }>;
  readonly style: React.CSSProperties;
  readonly onSelect: (key: string) => void;
}) {
  const marks = marksOf(row.items.map(({ status }) => lookOf(status).tone));
  return (
    <div role="treeitem" tabIndex={-1} aria-level={row.depth + 1} className={s.strip} style={style}>
      <button type="button" className={s.marks} tabIndex={-1} onClick={() => onSelect(row.stepId)}>
        <span className="sr">{row.items.length} items</span>
        {marks.map(({ tone, width, key }) => (
          <i key={key} data-tone={tone} style={{ flexGrow: width }} />
        ))}
      </button>
    </div>
  );
}

const MOST_MARKS = 240;
const WORST_FIRST = ["bad", "person", "signal", "work", "quiet", "good"];

/** One mark for each item, or for each group of neighbours: of a group the worst is shown. */
function marksOf(tones: readonly string[]) {
  const per = Math.ceil(tones.length / MOST_MARKS);
  return Array.from({ length: Math.ceil(tones.length / per) }, (_, key) => {
    const group = new Set(tones.slice(key * per, (key + 1) * per));
    return { key, tone: WORST_FIRST.find((tone) => group.has(tone)) ?? "quiet", width: 1 };
  });
}

function lengthOf({ row, now, n }: RowProps): string {
  switch (row.kind) {
    case "ahead":
      return row.status === "SKIPPED" ? "not taken" : "";
    case "branch":
      return duration((endAsOf(row.branch, n) ?? now) - row.branch.at);
    case "strip":
      return "";
    case "step": {
      const { step, trail } = row;
      if (step.progress.status === "PENDING" || step.reusedFrom !== null) return "";
      return duration((endAsOf(trail, n) ?? step.finishedAt ?? now) - (step.startedAt ?? trail.at));
    }
  }
}
