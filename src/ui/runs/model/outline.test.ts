import { expect, test } from "vitest";
import { type ShownStatus, STATUS } from "../../../core/view/status.ts";
import { mostTelling, type OutlineRow } from "./outline.ts";

const step = (status: ShownStatus, key: string = status, group: object | null = null) =>
  ({ kind: "step", key, title: key, depth: 0, status, group }) as OutlineRow;

test("an open question is looked at before the first failure, that before what runs, that before the beginning", () => {
  const rows = [
    step("SUCCEEDED"),
    step("FAILED"),
    step("TIMED_OUT"),
    step("RUNNING"),
    step("WAITING_SIGNAL"),
    step("WAITING_APPROVAL"),
  ];
  const seen: (string | undefined)[] = [];
  for (let left: readonly OutlineRow[] = rows; left.length > 0; ) {
    const told = mostTelling(left);
    seen.push(told?.key);
    left = left.filter((row) => row !== told);
  }
  expect(seen).toEqual(["WAITING_APPROVAL", "FAILED", "TIMED_OUT", "WAITING_SIGNAL", "RUNNING", "SUCCEEDED"]);
  expect(mostTelling([])).toBeNull();
});

test("of two failures the first is told, but what failed itself before what failed with it", () => {
  const failed = [step("FAILED", "around", {}), step("FAILED", "one"), step("FAILED", "two")];
  expect(mostTelling(failed)?.key).toBe("one");
  expect(mostTelling(failed.slice(0, 1))?.key).toBe("around");
});

test("of a run that was ended what it was doing is told", () => {
  expect(mostTelling([step("SUCCEEDED"), step("CANCELLED")])?.key).toBe("CANCELLED");
  expect(mostTelling([step("SUCCEEDED", "first"), step("CANCELLED"), step("SUCCEEDED")])?.key).toBe("first");
});

test("no status is without a row that can be told", () => {
  for (const status of Object.keys(STATUS) as ShownStatus[])
    expect(mostTelling([step(status)])?.status).toBe(status);
});
