import { expect, it } from "vitest";
import type { JsonValue } from "../../json.ts";
import { normalise } from "../normalise.ts";
import type { Definition } from "../types.ts";
import { diffDefinitions } from "./definitions.ts";

const agent = (name: string, more: object = {}) => ({ name, agent: `${name}-agent`, type: "agent", ...more });
const base = {
  id: "triage",
  name: "Triage",
  states: [
    {
      name: "look",
      type: "parallel",
      branches: [
        { name: "pods", states: [agent("check", { end: true })] },
        { name: "logs", agent: "log-reader" },
      ],
      next: "judge",
    },
    {
      name: "judge",
      type: "switch",
      conditions: [{ if: "ctx.rate > 0.05", next: "ask" }],
      defaultNext: "done",
    },
    {
      name: "ask",
      type: "approval",
      message: "May it be rolled back?",
      approvers: ["team:sre"],
      next: "done",
    },
    { name: "done", type: "inject", data: { ok: true }, end: true },
  ],
};

const read = (value: object): Definition => {
  const { draft, issues } = normalise(JSON.parse(JSON.stringify(value)) as JsonValue);
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  if (!draft) throw new Error("no definition");
  return draft;
};
const diffTo = (value: object) => diffDefinitions(read(base), read(value));
const withState = (index: number, more: object) => ({
  ...base,
  states: base.states.map((state, at) => (at === index ? { ...state, ...more } : state)),
});
const nothing = { added: [], removed: [] };

it("finds nothing between a definition and itself in other spellings and another order", () => {
  const [look, judge, ask, done] = base.states;
  const { next, ...rest } = ask as { next: string };
  expect(
    diffTo({ ...base, start: "look", states: [look, { ...rest, transition: next }, done, judge] }),
  ).toEqual({
    isEquivalent: true,
    fields: [],
    states: [],
    transitions: nothing,
    agents: nothing,
    approvers: nothing,
  });
});

it("names the fields of a state that changed, with what they were", () => {
  expect(diffTo(withState(1, { conditions: [{ if: "ctx.rate > 0.01", next: "ask" }] }))).toEqual({
    isEquivalent: false,
    fields: [],
    states: [
      {
        state: "judge",
        type: "switch",
        change: "changed",
        fields: [{ path: "conditions/0/if", before: "ctx.rate > 0.05", after: "ctx.rate > 0.01" }],
      },
    ],
    transitions: {
      added: [{ from: "judge", to: "ask", on: "choice", when: "ctx.rate > 0.01" }],
      removed: [{ from: "judge", to: "ask", on: "choice", when: "ctx.rate > 0.05" }],
    },
    agents: nothing,
    approvers: nothing,
  });
});

it("tells who else may approve now, and who no longer", () => {
  const { states, approvers } = diffTo(withState(2, { approvers: ["user:ana"] }));
  expect(approvers).toEqual({ added: ["user:ana"], removed: ["team:sre"] });
  expect(states).toMatchObject([
    { state: "ask", fields: [{ path: "approvers", before: ["team:sre"], after: ["user:ana"] }] },
  ]);
});

it("looks into branches, iterators and the blocks of a try", () => {
  const branches = [
    { name: "pods", states: [agent("check", { next: "again" }), agent("again", { end: true })] },
    { name: "logs", agent: "log-reader" },
  ];
  const { states, transitions, agents } = diffTo(withState(0, { branches }));
  expect(states).toEqual([
    {
      state: "look/pods/check",
      type: "agent.run",
      change: "changed",
      fields: [
        { path: "end", before: true },
        { path: "next", after: "again" },
      ],
    },
    { state: "look/pods/again", type: "agent.run", change: "added" },
  ]);
  expect(transitions).toEqual({
    added: [
      { from: "look/pods/check", to: "look/pods/again", on: "done" },
      { from: "look/pods/again", to: null, on: "done" },
    ],
    removed: [{ from: "look/pods/check", to: null, on: "done" }],
  });
  expect(agents).toEqual({ added: ["again-agent"], removed: [] });
});

it("names a branch that is gone, with the states in it", () => {
  const { states, agents } = diffTo(withState(0, { branches: [base.states[0]?.branches?.[0]] }));
  expect(states).toMatchObject([
    { state: "look/logs/logs", change: "removed" },
    { state: "look", change: "changed", fields: [{ path: "blocks/logs" }] },
  ]);
  expect(agents).toEqual({ added: [], removed: ["log-reader"] });
});

it("names what changed of the workflow itself", () => {
  const { fields, states } = diffTo({ ...base, name: "Triage 2", timeoutSeconds: 60 });
  expect(fields).toEqual([
    { path: "name", before: "Triage", after: "Triage 2" },
    { path: "timeoutSeconds", after: 60 },
  ]);
  expect(states).toEqual([]);
});

it("treats a state that has another type now as changed", () => {
  const wait = { name: "done", type: "timer", duration: "5s", end: true };
  const states = base.states.with(3, wait as never);
  expect(diffTo({ ...base, states }).states).toMatchObject([
    {
      state: "done",
      type: "timer",
      change: "changed",
      fields: [{ path: "data" }, { path: "type", before: "inject", after: "timer" }, { path: "wait" }],
    },
  ]);
});
