import { expect, test } from "vitest";
import type { RunRow } from "../../../http/schemas/runs.ts";
import { concerned, leftBy, statusesFor, whyNone, whyNoneOfAll } from "./bulk-words.ts";

test("what one request has left is gone on with, but not by running again what was run again", () => {
  expect(leftBy("cancel", 0)).toEqual({ says: undefined, goesOn: false });
  expect(leftBy("cancel", 100)).toEqual({
    says: "One request takes so many; 100 older runs are left.",
    goesOn: true,
  });
  expect(leftBy("rerun", 100)).toEqual({
    says: "One request takes so many; 100 older runs are left. A narrower filter reaches them.",
    goesOn: false,
  });
});

test("marked runs that somebody may not change are left out, and where none is left it is said why", () => {
  const run = (runId: string, environment: string, status: RunRow["status"] = "RUNNING") =>
    ({ runId, environment, status }) as RunRow;
  const mayNot = (environment: string) => (environment === "prod" ? "they may not change prod" : null);
  const both = [run("a", "prod"), run("b", "dev"), run("c", "dev", "COMPLETED")];
  expect(concerned("pause", both, mayNot)).toEqual([run("b", "dev")]);
  expect(whyNone("pause", both, mayNot)).toBeNull();
  expect(whyNone("pause", both.slice(0, 1), mayNot)).toBe("they may not change prod");
  expect(whyNone("resume", both, mayNot)).toBe("None of them can be resumed");
});

test("what does nothing to the runs of a tab is not offered for all of them", () => {
  expect(statusesFor("cancel", { status: "running" })).toEqual(["PENDING", "RUNNING"]);
  expect(statusesFor("resume", {})).toEqual(["PAUSED"]);
  expect(whyNoneOfAll("cancel", { status: "running" })).toBeNull();
  expect(whyNoneOfAll("cancel", { status: "failed" })).toBe("None of them can be cancelled");
  expect(whyNoneOfAll("rerun", { status: "running" })).toBe("None of them can be run again");
});
