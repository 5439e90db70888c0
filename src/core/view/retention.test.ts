import { expect, it } from "vitest";
import { parseRetention, type Rule } from "../retention/policy.ts";
import { staysOf } from "./retention.ts";

function said(text: string): readonly string[] {
  const parsed = parseRetention(text);
  const rules: readonly Rule[] = parsed.ok ? parsed.rules : expect.unreachable(parsed.problem);
  return staysOf(rules).map(({ whose, stay }) => `${whose}: ${stay}`);
}

it("says how long finished runs stay, the closest rule first and all others last", () => {
  expect(said("90d, FAILED=365d, deploy=1h30m, deploy:CANCELLED=forever, TIMED_OUT=25h")).toEqual([
    "Cancelled runs of deploy: for ever",
    "Runs of deploy: 1 hour 30 minutes",
    "Failed runs: 365 days",
    "Timed-out runs: 1 day 1 hour",
    "All others: 90 days",
  ]);
  expect(said("30d")).toEqual(["Finished runs: 30 days"]);
});

it("says that what no rule is about stays for ever", () => {
  expect(said("deploy=1d")).toEqual(["Runs of deploy: 1 day", "All others: for ever"]);
  expect(staysOf([])).toEqual([{ whose: "Finished runs", stay: "for ever" }]);
});
