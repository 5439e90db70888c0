import { createHash } from "node:crypto";
import type { RunId } from "../run/ids.ts";

/** One time that a schedule named, or that somebody fired it by hand, and what came of it. */
export type Tick = TickBase & TickFate;

type TickBase = {
  /** Unique in its schedule: the time it names, or for one by hand `trigger:` and a hash of who asked. */
  readonly key: string;
  /** The time it stands for. */
  readonly at: number;
  /** Who fired it by hand; `null` when its time came. */
  readonly triggeredBy: string | null;
  readonly decidedAt: number;
};

export type TickFate =
  /** Until an earlier run has ended. */
  | { readonly status: "waiting" }
  /** Decided: this run is to be. Whoever comes by starts it; its id makes that happen once. */
  | { readonly status: "starting"; readonly runId: RunId }
  | { readonly status: "started"; readonly runId: RunId }
  /** Left out on purpose. */
  | { readonly status: "skipped"; readonly reason: string }
  /** No run could be started. */
  | { readonly status: "failed"; readonly reason: string }
  /** Ticks from `at` to `until` that nobody fired in time; `count` is `null` when they are more than a thousand. */
  | {
      readonly status: "missed";
      readonly reason: string;
      readonly until: number;
      readonly count: number | null;
    };

export type StartingTick = Extract<Tick, { status: "starting" }>;

/** A tick that may still matter to later ones; `isOver`: the run it started has ended, or is gone. */
export type OpenTick = Extract<Tick, { status: "waiting" | "starting" | "started" }> & {
  readonly isOver: boolean;
};

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The id of the run that a tick starts: a ULID of the tick's time that follows from the schedule and the tick. */
export function runIdOf(scheduleId: string, { key, at }: Pick<Tick, "key" | "at">): RunId {
  let time = at;
  let head = "";
  for (let i = 0; i < 10; i++) {
    head = ALPHABET[time % 32] + head;
    time = Math.floor(time / 32);
  }
  const hash = createHash("sha256").update(`${scheduleId} ${key}`).digest();
  const tail = Array.from(hash.subarray(0, 16), (byte) => ALPHABET[byte % 32]).join("");
  return `run_${head}${tail}` as RunId;
}

/** How much later than its time a tick fires, in milliseconds; the same wherever it is asked. */
export function jitterOf(scheduleId: string, at: number, jitterSeconds: number): number {
  if (jitterSeconds === 0) return 0;
  const hash = createHash("sha256").update(`${scheduleId} jitter ${at}`).digest();
  return hash.readUInt32BE(0) % (jitterSeconds * 1000 + 1);
}
