import { expect, test } from "vitest";
import { changeSummary } from "./change-summary.ts";

const none = { added: [], removed: [] };
const nothing = {
  from: 1,
  to: 2,
  isEquivalent: false,
  fields: [],
  states: [],
  transitions: none,
  agents: none,
  approvers: none,
};

test("what changed is said in one line: states, fields with their values, approvers", () => {
  expect(
    changeSummary({
      ...nothing,
      states: [
        { state: "check", type: "agent.run", change: "added" },
        {
          state: "ask",
          type: "human.approval",
          change: "changed",
          fields: [{ path: "timeoutSeconds", before: 600, after: 3600 }],
        },
      ],
      approvers: { added: ["team:sre"], removed: [] },
    }),
  ).toBe("+1 state, timeoutSeconds 600 → 3600, approvers added");
});

test("of many or long changes the line says only that there are some", () => {
  const field = (path: string, after: string) => ({ path, before: "a", after });
  const fields = [field("task", "a text that is longer than a line"), field("name", "b"), field("x", "c")];
  expect(changeSummary({ ...nothing, fields })).toBe("task changed, name a → b, 1 more field");
  expect(changeSummary({ ...nothing, isEquivalent: true })).toBe("only how it is written");
  expect(changeSummary(nothing)).toBe("other ways between its states");
});
