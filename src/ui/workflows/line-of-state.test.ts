import { expect, test } from "vitest";
import { lineOfState } from "./line-of-state.ts";

const yaml = `id: ask
name: ask
states:
  - name: look
    type: inject
  # name: nowhere
  - { type: timer, name: "ask", duration: 1s }
  - type: inject
    name: ask-again # later
`;

test("a state is found where it is named, however its author wrote it", () => {
  expect(lineOfState(yaml, "look")).toBe(4);
  expect(lineOfState(yaml, "ask")).toBe(7);
  expect(lineOfState(yaml, "ask-again")).toBe(9);
  expect(lineOfState('{\n "states": [\n  {"name": "a.b", "type": "inject"}]}', "a.b")).toBe(3);
});

test("of two states with one name in different branches each has its own line", () => {
  const text =
    "states:\n  - name: fan\n    branches:\n      - { name: a, states: [{ name: look }] }\n      - { name: b, states: [{ name: look }] }\n";
  expect([lineOfState(text, "look"), lineOfState(text, "look", 1)]).toEqual([4, 5]);
});

test("a name that only a comment has, or none, is nowhere", () => {
  expect(lineOfState(yaml, "nowhere")).toBeNull();
  expect(lineOfState(yaml, "as")).toBeNull();
});
