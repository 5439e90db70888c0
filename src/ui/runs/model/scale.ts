/** A stretch of the timeline; an idle one is drawn narrow, however long it was. */
export type Stretch = {
  readonly from: number;
  readonly to: number;
  readonly isIdle: boolean;
  /** Place and width, as parts of the whole (0 to 1). */
  readonly x: number;
  readonly width: number;
};

/** From time to place: linear, but for idle stretches. */
export type Scale = {
  readonly from: number;
  readonly to: number;
  readonly stretches: readonly Stretch[];
  /** Where a moment is, 0 to 1. */
  at(time: number): number;
  /** The moment at a place. */
  timeAt(x: number): number;
};

export type Interval = { readonly from: number; readonly to: number };

const IDLE_MS = 30_000;
const IDLE_SHARE = 0.15;
const IDLE_WIDTH = 0.08;

/**
 * A scale from `from` to `to` in which stretches without work that are longer than 30 s and 15 % of the whole are
 * collapsed. `work` need not be sorted. A run that took no time at all still has a width.
 */
export function scaleOf(span: Interval, work: readonly Interval[], collapses: boolean): Scale {
  const from = span.from;
  const to = Math.max(span.to, from + 1);
  const idle = collapses ? idleIn({ from, to }, work) : [];
  const pieces: (Interval & { isIdle: boolean })[] = [];
  let at = from;
  for (const gap of idle) {
    if (gap.from > at) pieces.push({ from: at, to: gap.from, isIdle: false });
    pieces.push({ ...gap, isIdle: true });
    at = gap.to;
  }
  if (at < to || pieces.length === 0) pieces.push({ from: at, to, isIdle: false });
  const idleWidth =
    pieces.length === idle.length ? 1 / Math.max(1, idle.length) : Math.min(IDLE_WIDTH, 0.6 / idle.length);
  const busy = pieces.reduce((sum, piece) => sum + (piece.isIdle ? 0 : piece.to - piece.from), 0) || 1;
  const room = 1 - idleWidth * idle.length;
  const stretches: Stretch[] = [];
  let x = 0;
  for (const piece of pieces) {
    const width = piece.isIdle ? idleWidth : ((piece.to - piece.from) / busy) * room;
    stretches.push({ ...piece, x, width });
    x += width;
  }
  return {
    from,
    to,
    stretches,
    at(time) {
      const { from: start, to: end, x: left, width } = stretchAt(stretches, (stretch) => time <= stretch.to);
      return left + clamp((time - start) / (end - start)) * width;
    },
    timeAt(place) {
      const {
        from: start,
        to: end,
        x: left,
        width,
      } = stretchAt(stretches, (stretch) => place <= stretch.x + stretch.width);
      return start + clamp((place - left) / width) * (end - start);
    },
  };
}

/** A part of a scale drawn over the whole width. */
export function zoomed(scale: Scale, part: Interval | null): Scale {
  if (part === null) return scale;
  const [left, right] = [scale.at(part.from), scale.at(part.to)];
  const width = Math.max(right - left, 1e-6);
  return {
    from: part.from,
    to: part.to,
    stretches: scale.stretches
      .filter((stretch) => stretch.to > part.from && stretch.from < part.to)
      .map((stretch) => ({ ...stretch, x: (stretch.x - left) / width, width: stretch.width / width })),
    at: (time) => (scale.at(time) - left) / width,
    timeAt: (x) => scale.timeAt(left + x * width),
  };
}

/** Moments for the axis, round numbers of ms since the start, about `many`. */
export function ticksOf(scale: Scale, start: number, many: number): readonly number[] {
  const spans = scale.stretches.filter(({ isIdle }) => !isIdle);
  const visible = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const step =
    STEPS.find((size) => visible / size <= many) ?? Math.ceil(visible / many / 86_400_000) * 86_400_000;
  const ticks: number[] = [];
  for (const { from, to } of spans)
    for (let tick = Math.ceil((from - start) / step) * step; start + tick < to; tick += step) {
      if (ticks.length > 4 * many) return ticks;
      if (start + tick >= scale.from && start + tick <= scale.to) ticks.push(start + tick);
    }
  return ticks;
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

function idleIn({ from, to }: Interval, work: readonly Interval[]): readonly Interval[] {
  const least = Math.max(IDLE_MS, (to - from) * IDLE_SHARE);
  const sorted = [...work].sort((a, b) => a.from - b.from);
  const gaps: Interval[] = [];
  let at = from;
  for (const { from: begins, to: ends } of [...sorted, { from: to, to }]) {
    if (begins - at > least) gaps.push({ from: at, to: Math.min(begins, to) });
    at = Math.max(at, ends);
  }
  return gaps;
}

function stretchAt(stretches: readonly Stretch[], fits: (stretch: Stretch) => boolean): Stretch {
  const found = stretches.find(fits) ?? stretches.at(-1);
  if (!found) throw new Error("a scale has a stretch");
  return found;
}

function clamp(part: number): number {
  return Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0;
}
