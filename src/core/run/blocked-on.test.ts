import { expect, test } from "vitest";
import { NO_TERMS } from "./approvals/evolve-approval.ts";
import { type Blocker, blockedOn, type Standing } from "./blocked-on.ts";

const NOW = 1_700_000_000_000;
const LATER = NOW + 60_000;
const LATER_TEXT = "2023-11-14T22:14:20.000Z";

const NOTHING = { createdAt: NOW, workers: 2, blocker: null, paused: null, running: 0, queue: null } as const;

function says(on: Blocker["on"], more: Partial<Blocker> = {}, workers = 2): string | null {
  const blocker = { state: "check", branch: "", others: 0, deadline: null, on, ...more };
  return blockedOn({ ...NOTHING, status: "RUNNING", blocker, workers }, NOW);
}

const asked = {
  approvers: ["team:sre", "team:security"],
  escalatedTo: ["user:cto"],
  quorum: { "team:sre": 1, "team:security": 1 },
  decisions: [
    { decision: "approve", by: "user:a", channel: "api", at: NOW, comment: null, as: ["team:sre"] },
  ],
  terms: NO_TERMS,
  expiresAt: LATER,
} as const;

test("a gate says who may decide, what is missing and until when", () => {
  expect(says({ for: "approval", approval: asked }, { branch: "fan/0", others: 2 })).toBe(
    `waiting for approval of check in fan/0 by team:sre, team:security, user:cto: 1 of 2 approvals (team:security missing), until ${LATER_TEXT} (and 2 more)`,
  );
  const anyone = { ...asked, approvers: [], escalatedTo: [], quorum: 1, decisions: [], expiresAt: null };
  expect(says({ for: "approval", approval: anyone })).toBe(
    "waiting for approval of check by anyone who may decide approvals here",
  );
});

test("an agent says where it runs, and when nobody has heard of it", () => {
  const on = { for: "agent", worker: "w1", attempt: 2, silentSince: null } as const;
  expect(says(on, { deadline: LATER })).toBe(
    `step check is running on worker w1, attempt 2, until ${LATER_TEXT}`,
  );
  expect(says({ ...on, silentSince: NOW })).toBe(
    "step check was on worker w1, silent since 2023-11-14T22:13:20.000Z: another takes attempt 2 over",
  );
  expect(says({ ...on, silentSince: NOW }, {}, 0)).toBe(
    "step check was on worker w1, silent since 2023-11-14T22:13:20.000Z: no other is connected to take attempt 2 over",
  );
});

test("an attempt waits for its time, then for a worker", () => {
  const after = "prometheus\n  timed out";
  const on = { for: "attempt", attempt: 3, dueAt: LATER, after, most: 5 } as const;
  expect(says(on, { others: 2 })).toBe(
    `retrying check (and 2 more), attempt 3 of 5 at ${LATER_TEXT}: prometheus timed out`,
  );
  expect(says({ ...on, after: null, most: null })).toBe(`retrying check, attempt 3 at ${LATER_TEXT}`);
  const due = "due since 2023-11-14T22:13:20.000Z";
  expect(says({ ...on, dueAt: NOW }, { others: 1 }, 0)).toBe(
    `no worker has taken attempt 3 of step check (and 1 more), ${due}: 0 workers connected`,
  );
  expect(says({ ...on, attempt: 0, dueAt: NOW }, {}, 1)).toBe(
    `no worker has taken step check, ${due}: 1 worker connected`,
  );
});

test("a run nobody has begun says since when, and how many there are that could", () => {
  const since = "no worker has taken it, queued since 2023-11-14T22:13:20.000Z";
  expect(blockedOn({ ...NOTHING, status: "PENDING" }, LATER)).toBe(`${since}: 2 workers connected`);
  expect(blockedOn({ ...NOTHING, status: "PENDING", workers: 0 }, LATER)).toBe(
    `${since}: 0 workers connected`,
  );
  expect(blockedOn({ ...NOTHING, status: "RUNNING", workers: 0 }, LATER)).toBe(
    "waiting for a worker to go on: 0 workers connected",
  );
});

test("signals and timers say what for and until when", () => {
  expect(says({ for: "signal", name: "go" }, { deadline: LATER })).toBe(
    `waiting for signal go at check, until ${LATER_TEXT}`,
  );
  expect(says({ for: "timer", dueAt: LATER })).toBe(`timer check until ${LATER_TEXT}`);
});

test("a pause says whose it is, since when, why, and what is still finished", () => {
  const paused = { by: "user:eve", at: NOW, reason: "freeze" };
  const standing: Standing = { ...NOTHING, status: "PAUSED", paused, running: 2 };
  expect(blockedOn(standing, NOW)).toBe(
    "paused by user:eve since 2023-11-14T22:13:20.000Z: freeze; 2 running steps are finished first",
  );
  expect(blockedOn({ ...standing, paused: null, running: 1 }, NOW)).toBe(
    "paused by someone; 1 running step is finished first",
  );
});

test("only a run that is over waits for nothing", () => {
  for (const status of ["PENDING", "RUNNING", "WAITING_APPROVAL", "WAITING_SIGNAL", "PAUSED"] as const)
    expect(blockedOn({ status, ...NOTHING }, NOW)).toMatch(/\w/);
  for (const status of ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"] as const)
    expect(blockedOn({ status, ...NOTHING }, NOW)).toBeNull();
});

test("a run that waits for its turn says whom it lets go first", () => {
  const says = (queue: Partial<NonNullable<Standing["queue"]>>) => {
    const whole = { key: "prod", limit: 1, holder: "run_a", held: 1, ahead: 0, ...queue };
    return blockedOn({ ...NOTHING, status: "PENDING", queue: whole }, NOW);
  };
  expect(says({})).toBe('waits for run run_a, which holds the concurrency key "prod"');
  expect(says({ ahead: 2 })).toBe(
    'waits for run run_a, which holds the concurrency key "prod"; 2 runs before it',
  );
  expect(says({ limit: 3, held: 3, ahead: 1 })).toBe(
    'waits for run run_a or 2 more, which hold the concurrency key "prod"; 1 run before it',
  );
  expect(says({ holder: null, held: 0, ahead: 1 })).toBe(
    'waits for 1 run before it with the concurrency key "prod"',
  );
  expect(says({ limit: 3, held: 1, ahead: 1 })).toMatch(/^no worker has taken it/);
});
