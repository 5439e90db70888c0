import { expect, test } from "vitest";
import { TOO_LONG, within } from "./within.ts";

test("what never ends is ended", () => {
  const forEver = () => {
    for (;;);
  };
  expect(within(50, forEver)).toBe(TOO_LONG);
});

test("a process that stood still begins anew what it was at, and takes nobody's work for endless", () => {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const tries: boolean[] = [];
  const result = within(50, (isAgain) => {
    tries.push(isAgain);
    // No processor time passes, as for a process that is stopped.
    if (!isAgain) Atomics.wait(clock, 0, 0, 500);
    return "done";
  });
  expect({ result, tries }).toEqual({ result: "done", tries: [false, true] });
});
