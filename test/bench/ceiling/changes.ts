/** The bare loop's job: the same as the engine's, ten trivial steps per run. */
export const STEPS = 10;

/** The three things that happen to a run. `finish` also hands its worker the next step, lease included. */
export type Change =
  | { readonly kind: "start"; readonly runId: string }
  | { readonly kind: "claim"; readonly runId: string }
  | { readonly kind: "finish"; readonly runId: string; readonly step: number; readonly output: string };

/** Keeps a group of changes in one transaction; for each whether its guard held. */
export type WriteGroup = (changes: readonly Change[]) => readonly boolean[] | Promise<readonly boolean[]>;

/** A database of the bare loop. */
export type Ledger = {
  readonly write: WriteGroup;
  /** Ended runs, and ended runs with another number of events than 31: the loop must not win by losing. */
  audit(): Promise<{ readonly ended: number; readonly wrong: number }>;
  close(): void;
};

/** No more than what the loop needs: no foreign keys, no checks, no indexes. */
export const SCHEMA = [
  `create table runs (run_id text primary key, status text not null, step integer not null,
    version integer not null, created_at integer not null, finished_at integer) strict`,
  `create table steps (run_id text not null, step integer not null, status text not null,
    attempt integer not null, lease_owner text, lease_until integer, started_at integer, finished_at integer,
    output text, done_tx integer, primary key (run_id, step)) strict`,
  `create table events (run_id text not null, seq integer not null, at integer not null, type text not null,
    data text not null, primary key (run_id, seq)) strict`,
  "create table outbox (run_id text primary key, kind text not null) strict",
];

/** The count of ended runs, and of those without exactly 31 events. */
export const AUDIT = `select count(*), coalesce(sum(n <> ${1 + 3 * STEPS}), 0) from
  (select (select count(*) from events e where e.run_id = r.run_id) as n from runs r where status = 'COMPLETED')`;

/** The three events of a finished step, as type and data. */
export function eventsOf(change: Change & { kind: "finish" }): readonly (readonly [string, string])[] {
  const { step, output } = change;
  const succeeded = ["step.succeeded", `{"step":${step},"output":${output}}`] as const;
  const exited = ["state.exited", `{"step":${step}}`] as const;
  return step + 1 < STEPS
    ? [succeeded, exited, ["step.started", `{"step":${step + 1},"attempt":1}`]]
    : [succeeded, exited, ["run.completed", `{"output":${output}}`]];
}
