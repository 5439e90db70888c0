import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Evaluation } from "../run/questions.ts";
import type { Hook } from "./hook.ts";
import { planOf, questionsOf } from "./plan.ts";

type Rules = Pick<Hook, "when" | "target" | "identity">;

const context: JsonObject = {
  body: { service: "checkout", labels: ["a", "b"] },
  headers: { "x-github-event": "issues" },
  query: {},
  event: { id: "e1", type: "issues", hook: "h", receivedAt: "1970-01-01T00:00:00.000Z" },
};
const starting = (input?: JsonValue): Rules => ({
  when: null,
  identity: { by: "content" },
  target: { type: "start-run", workflowId: "w", version: null, ...(input !== undefined && { input }) },
});
const signalling = (run: string, payload?: JsonValue): Rules => ({
  ...starting(),
  target: { type: "signal", run, signal: "go", ...(payload !== undefined && { payload }) },
});
const is = (value: JsonValue): Evaluation => ({ ok: true, value, truth: Boolean(value), steps: 1 });
const fails: Evaluation = { ok: false, error: { kind: "name", message: "no such name", line: 1, column: 1 } };

const plan = (
  rules: Rules,
  answers: Readonly<Record<string, Evaluation>> = {},
  eventId: string | null = "e1",
) => planOf(rules, context, new Map(Object.entries(answers)), eventId);

describe("the input of a run", () => {
  it("is the body, whatever it is, when the hook does not map it", () => {
    expect(plan(starting())).toEqual({ do: "start", eventId: "e1", input: context["body"] });
    expect(planOf(starting(), { ...context, body: [1] }, new Map(), "e1")).toMatchObject({
      input: { body: [1] },
    });
  });

  it("is filled from body, headers and event, and keeps the types of values", () => {
    const rules = starting({
      service: "{{ body.service }}",
      labels: "$.labels",
      event: '{{ headers["x-github-event"] }} of {{ event.hook }}',
      count: "{{ len(body.labels) }}",
      as_is: 7,
    });
    expect(questionsOf(rules, context).programs.map(({ text }) => text)).toEqual(["len(body.labels)"]);
    expect(plan(rules, { "len(body.labels)": is(2) })).toMatchObject({
      input: { service: "checkout", labels: ["a", "b"], event: "issues of h", count: 2, as_is: 7 },
    });
    expect(plan(starting("{{ body }}"))).toMatchObject({ input: context["body"] });
  });

  it("that is none, or cannot be filled, refuses the event and says where", () => {
    expect(plan(starting("{{ body.service }}"))).toMatchObject({
      do: "refuse",
      errors: [{ pointer: "/target/input" }],
    });
    const { errors } = plan(starting({ a: "{{ body.none }}" })) as { errors: readonly { message: string }[] };
    expect(errors[0]?.message).toContain('"body" exists, the rest does not');
    expect(plan(starting({ a: "{{ f(1) }}" }), { "f(1)": fails })).toMatchObject({ do: "refuse" });
    expect(plan(starting("{{ body.none"))).toMatchObject({ do: "refuse" });
  });

  it("never comes from a template in the event itself", () => {
    const hostile = { ...context, body: { text: "{{ headers.secret }}" } };
    expect(planOf(starting({ text: "{{ body.text }}" }), hostile, new Map(), "e1")).toMatchObject({
      input: { text: "{{ headers.secret }}" },
    });
  });
});

describe("a signal", () => {
  it("goes to the run that the event names, with the body or what is made of it", () => {
    const named = { ...context, body: { run: "run_1", sha: "abc" } };
    const of = (rules: Rules) => planOf(rules, named, new Map(), "e1");
    expect(of(signalling("{{ body.run }}"))).toEqual({
      do: "signal",
      eventId: "e1",
      runId: "run_1",
      signal: "go",
      payload: named.body,
    });
    expect(of(signalling("{{ body.run }}", null))).toMatchObject({ payload: null });
    expect(of(signalling("{{ body.run }}", "{{ body.sha }}"))).toMatchObject({ payload: "abc" });
    expect(of(signalling("{{ body }}"))).toMatchObject({
      do: "refuse",
      errors: [{ pointer: "/target/run" }],
    });
  });
});

describe("a condition", () => {
  const rules = { ...starting({ a: "{{ body.none }}" }), when: "x" };

  it("that is false leaves the event out, however wrong the rest is", () => {
    expect(plan(rules, { x: is(0) })).toMatchObject({ do: "ignore" });
    expect(plan(rules, { x: is(1) })).toMatchObject({ do: "refuse" });
  });

  it("that cannot be evaluated refuses the event", () => {
    expect(plan({ ...starting(), when: "x" }, { x: fails })).toMatchObject({
      do: "refuse",
      errors: [{ pointer: "/when" }],
    });
  });
});

describe("what an event is known by", () => {
  const by = (template: string) => ({ ...starting(), identity: { by: "template", template } as const });

  it("is what the hook's template makes of it", () => {
    expect(plan(by("{{ body.service }}"), {}, null)).toMatchObject({ eventId: "checkout" });
    expect(plan(by("{{ n }}"), { n: is(7) }, null)).toMatchObject({ do: "refuse" });
    expect(plan(by("{{ n() }}"), { "n()": is(7) }, null)).toMatchObject({ eventId: "7" });
  });

  it("must be there: an event that nobody would know again is refused", () => {
    for (const value of ["", null, {}, true] as const)
      expect(plan(by("{{ n() }}"), { "n()": is(value) }, null)).toMatchObject({ do: "refuse" });
    const byHeader = { ...starting(), identity: { by: "header", header: "x-id" } as const };
    expect(plan(byHeader, {}, null)).toMatchObject({
      do: "refuse",
      errors: [{ pointer: "/identity/header", message: expect.stringContaining("x-id") }],
    });
  });
});
