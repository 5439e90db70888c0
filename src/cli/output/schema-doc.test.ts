import { expect, it } from "vitest";
import { makeLook } from "../terminal/look.ts";
import { describeSchema, findSchema } from "./schema-doc.ts";

const shown = (path: string) => describeSchema(findSchema(path), makeLook(false, true), 80);

it("tells the keys of a state by any spelling of its type, with what must be there", () => {
  expect(shown("loop")).toMatch(/^loop: The same states for every item of a list\.\n/);
  expect(shown("loop")).toMatch(/^ {2}itemsPath \* +text +The list\.$/m);
  expect(shown("loop")).toMatch(/^ {2}iterator \* +map or list +What is done/m);
  expect(shown("loop")).not.toContain("itemVariable");
});

it("goes down into keys, through references", () => {
  expect(shown("agent.retry")).toMatch(/^ {2}maxAttempts +whole number +Attempts in all/m);
  expect(shown("approval.escalate")).toContain("Who else is asked");
  expect(shown("schedule")).toMatch(/^ {2}cron \* +text/m);
});

it("keeps to the width of the terminal", () => {
  for (const line of shown("approval").split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

it("names what was meant", () => {
  expect(() => findSchema("foreech")).toThrow(expect.objectContaining({ hint: 'did you mean "foreach"?' }));
  expect(() => findSchema("agent.retyr")).toThrow(expect.objectContaining({ hint: 'did you mean "retry"?' }));
});
