import { expect, test } from "vitest";
import { agent, Drive, workflow } from "../../../test/support/drive.ts";
import { by } from "../../../test/support/people.ts";
import type { Concurrency } from "../definition/types.ts";
import { create } from "./decide.ts";
import type { Recorded } from "./events.ts";
import { begin, fold } from "./evolve.ts";
import { ROOT, type RunId, type StepId } from "./ids.ts";
import { rerun } from "./rerun.ts";
import { goesWithin, turnedAway } from "./slot.ts";

const [A, B, C] = ["run_a", "run_b", "run_c"] as [RunId, RunId, RunId];

function limited(onConflict: Concurrency["onConflict"], limit = 1) {
  return workflow([agent("first", "second"), agent("second")], {
    concurrency: { key: "prod", limit, onConflict },
  });
}

const drive = (onConflict: Concurrency["onConflict"], limit = 1) =>
  new Drive(limited(onConflict, limit), { concurrencyKey: "prod" });

test("a run waits while others hold every slot, and goes on when somebody wakes it", () => {
  const waiting = drive("queue", 2);
  waiting.ahead = [A, B];
  waiting.settle();
  expect(waiting.run.lifecycle.status).toBe("PENDING");
  expect(waiting.events()).toEqual(["run.created"]);
  waiting.pass(3_600_000);
  expect(waiting.events()).toEqual(["run.created"]);
  waiting.ahead = [B];
  waiting.send({ type: "advance", branch: "" as never, starter: null, isOrphaned: false });
  waiting.settle();
  expect(waiting.run.lifecycle.status).toBe("COMPLETED");
});

test("a run that takes others' place names the oldest of them, as many as are too many", () => {
  const taking = drive("cancel", 2);
  taking.ahead = [A, B, C];
  taking.send({ type: "advance", branch: "" as never, starter: null, isOrphaned: false });
  expect(taking.displaces).toEqual([A, B]);
  expect(taking.run.lifecycle.status).toBe("PENDING");
});

test("a called run does not take the place of those that wait for its end", () => {
  const calledBy = { runId: B, branch: ROOT, stepId: "s" as StepId, attempt: 1, within: [A] };
  const taking = new Drive(limited("cancel", 3), { concurrencyKey: "prod", calledBy });
  taking.ahead = [A, B, C];
  taking.send({ type: "advance", branch: ROOT, starter: null, isOrphaned: false });
  expect(taking.displaces).toEqual([C]);
});

test("a called run goes on within the slot of whoever waits for its end, however far up, and of nobody else", () => {
  const calledBy = { runId: B, branch: ROOT, stepId: "s" as StepId, attempt: 1, within: [A] };
  expect([[A], [B], [C, B], [C], []].map((holders) => goesWithin(calledBy, holders))).toEqual([
    ...[true, true, true, false, false],
  ]);
});

test("a run that is turned away is told who holds the key", () => {
  const slot = { environment: "default", workflowId: "w", key: "prod", limit: 2, behind: null };
  expect(turnedAway(slot, [A])).toBeNull();
  expect(turnedAway(slot, [A, B])).toEqual({
    code: "concurrency-limit",
    message:
      'workflow "w" lets 2 runs with the concurrency key "prod" go on at once, and refuses more: run run_a has not ended',
    holder: A,
  });
});

test("the end of a run gives its slot up, also when it only waited; without a key nobody is woken", () => {
  const request = { runId: A, workflow: { id: "w", version: 1, environment: "e" }, input: {}, labels: {} };
  const wakes = (concurrencyKey?: string) => {
    const definition = limited("queue");
    const { run } = create(
      { ...request, definition, ...(concurrencyKey !== undefined && { concurrencyKey }) },
      1,
      by("user:ana"),
    );
    return new Drive(definition, { begun: { run, transition: { alarms: [], events: [] } as never } });
  };
  const keyed = wakes("prod");
  keyed.send({ type: "cancel", reason: null });
  expect(keyed.kept?.alarms).toEqual([{ change: "wake-queued", dueAt: 1 }]);
  const free = wakes();
  free.send({ type: "cancel", reason: null });
  expect(free.kept?.alarms).toEqual([]);
});

test("a run that goes on from a state waits for its turn with everything it has taken over", () => {
  const earlier = drive("queue").settle();
  const steps = Object.values(earlier.run.steps);
  const { workflow: of, definition, input, labels } = earlier.run;
  const wanted = { runId: B, workflow: of, definition, input, labels, concurrencyKey: "prod" };
  const begun = rerun(wanted, { runId: A, steps }, "second", earlier.now, by("user:ben"));
  if (!begun.ok) throw new Error(begun.refusal.message);
  const again = new Drive(definition, { begun });
  again.ahead = [A];
  again.settle();
  expect(again.events()).toEqual(["run.created", "state.reused first"]);
  expect(again.run.lifecycle.status).toBe("PENDING");
  again.ahead = [];
  again.send({ type: "advance", branch: "" as never, starter: null, isOrphaned: false });
  again.settle();
  expect(again.events().slice(2, 4)).toEqual(["run.started", "state.entered second"]);
  expect(again.run.lifecycle.status).toBe("COMPLETED");
  const [first, ...rest] = again.log as [Parameters<typeof begin>[1], ...Recorded[]];
  expect(fold(begin(definition, first), rest).branches).toEqual(again.run.branches);
});
