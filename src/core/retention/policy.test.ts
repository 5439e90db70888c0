import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FINAL_STATUSES,
  type Finished,
  isDue,
  keepMsOf,
  parseRetention,
  type Rule,
  shortestKeepMs,
} from "./policy.ts";

const DAY = 86_400_000;

function rulesOf(text: string): readonly Rule[] {
  const parsed = parseRetention(text);
  return parsed.ok ? parsed.rules : expect.unreachable(parsed.problem);
}

describe("how long runs are kept", () => {
  it("is what the closest rule says: workflow and status, workflow, status, all", () => {
    const rules = rulesOf("90d, FAILED=365d, deploy=730d, deploy:CANCELLED=forever, deploy:FAILED=1h");
    expect([
      keepMsOf(rules, "triage", "COMPLETED"),
      keepMsOf(rules, "triage", "FAILED"),
      keepMsOf(rules, "deploy", "COMPLETED"),
      keepMsOf(rules, "deploy", "CANCELLED"),
      keepMsOf(rules, "deploy", "FAILED"),
    ]).toEqual([90 * DAY, 365 * DAY, 730 * DAY, null, DAY / 24]);
  });

  it("is for ever where no rule says anything", () => {
    expect(keepMsOf(rulesOf("FAILED=30d"), "triage", "COMPLETED")).toBeNull();
    expect(shortestKeepMs(rulesOf("FAILED=30d"), "COMPLETED")).toBeNull();
  });

  it.each([
    ["soon", 'has "soon", which is no time of an hour or more'],
    ["5m", 'has "5m", which is no time of an hour or more'],
    [
      "90d, FAILD=1d, deploy:FAILD=1d",
      'has "FAILD", which is no status a run ends in (did you mean "FAILED"?)',
    ],
    ["90d, 30d", "says two times how long everything is kept"],
    ["90d,", 'has a part that is no rule: ""'],
    ["a=1d=2d", 'has a part that is no rule: "a=1d=2d"'],
  ])("is not guessed from %s", (text, problem) => {
    expect(parseRetention(text)).toEqual({ ok: false, problem });
  });
});

describe("a finished run", () => {
  const run: Finished = { workflowId: "deploy", status: "COMPLETED", finishedAt: 1000, labels: {} };
  const retention = { rules: rulesOf("1d"), holdLabel: "hold" };

  it("is due when its time is over, to the millisecond", () => {
    expect(isDue(retention, run, 1000 + DAY - 1)).toBe(false);
    expect(isDue(retention, run, 1000 + DAY)).toBe(true);
  });

  it("is never due while a label holds it", () => {
    const labelled = (hold: string) => isDue(retention, { ...run, labels: { hold } }, 1e15);
    expect([labelled("true"), labelled("case 17"), labelled(""), labelled("false")]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("is never due before the shortest time of its status", () => {
    const rule = fc.record({
      workflow: fc.constantFrom(null, "deploy", "triage"),
      status: fc.constantFrom(null, ...FINAL_STATUSES),
      keepMs: fc.option(fc.integer({ min: 1, max: 100 }), { nil: null }),
    });
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 6 }),
        fc.constantFrom(...FINAL_STATUSES),
        fc.integer({ min: 0, max: 100 }),
        (rules, status, age) => {
          const shortest = shortestKeepMs(rules, status);
          const due = isDue({ rules, holdLabel: "hold" }, { ...run, status, finishedAt: 0 }, age);
          expect(due && (shortest === null || age < shortest)).toBe(false);
        },
      ),
    );
  });
});
