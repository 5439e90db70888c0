import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRunner } from "./run-text.ts";

const { ready, close, run } = createRunner();

beforeAll(ready);
afterAll(close);

const states = (...lines: readonly string[]) =>
  `id: w\nstates:\n${lines.map((line) => `  - ${line}\n`).join("")}`;
const LAST = "{ name: last, type: inject, data: { done: true }, end: true }";

describe("a state", () => {
  it.each([
    ["`id` as its name, `transition` as its way", "{ id: first, type: inject, data: {}, transition: last }"],
    ["`name` and `next`", "{ name: first, type: inject, data: {}, next: last }"],
    ["both ways that agree", "{ name: first, type: inject, data: {}, next: last, transition: last }"],
    ["`set`", "{ name: first, type: set, data: {}, next: last }"],
    ["`context`", "{ name: first, type: context, data: {}, next: last }"],
    ["`sleep`", "{ name: first, type: sleep, duration: 1h, next: last }"],
    ["`delay`", "{ name: first, type: delay, duration: PT1H, next: last }"],
    ["`wait`", "{ name: first, type: wait, duration: 90s, next: last }"],
    ["`timer`", "{ name: first, type: timer, duration: 2m, next: last }"],
    ["`signal`", "{ name: first, type: signal, signal: go, next: last }"],
    ["`await`", "{ name: first, type: await, signal: go, next: last }"],
    ["`await.signal`", "{ name: first, type: await.signal, signal: go, timeout_seconds: 60, next: last }"],
    [
      "`try_catch`",
      "{ name: first, type: try_catch, try: [{ name: in, type: set, data: {}, end: true }], catch: [{ name: no, type: set, data: {}, end: true }], next: last }",
    ],
    [
      "`condition`, `transition` and `default`",
      "{ name: first, type: switch, conditions: [{ condition: 'False', transition: first }], default: last }",
    ],
    [
      "`defaultNext`",
      "{ name: first, type: switch, conditions: [{ if: 'False', next: first }], defaultNext: last }",
    ],
  ])("written with %s runs to the end", async (_, first) => {
    expect(await run(states(first, LAST))).toMatchObject({ status: "COMPLETED", path: ["first", "last"] });
  });

  it("that is the last of its list and says nothing ends it, and is warned about", async () => {
    const { status, warnings } = await run(
      states("{ name: first, type: inject, data: {}, next: last }", "{ name: last, type: inject, data: {} }"),
    );
    expect({ status, warnings }).toEqual({ status: "COMPLETED", warnings: ["IMPLICIT_END"] });
  });
});

describe("an agent's step", () => {
  it.each([
    ["`type: agent`", "type: agent, agent: worker, task: do it"],
    ["`action: agent.run`", "type: operation, action: agent.run, input: { agent: worker, task: do it }"],
    [
      "`operation: agent.run`",
      "type: operation, operation: agent.run, input: { agent: worker, task: do it }",
    ],
    [
      "the marker in `input.task`",
      "type: operation, input: { task: agent.run, agent: worker, agent_task: do it }",
    ],
    [
      "two `task` keys in one map (PRD §3.4)",
      "type: operation, input: { task: agent.run, agent: worker, task: do it }",
    ],
    ["`prompt`", "type: agent, agent: worker, prompt: do it"],
    ["`input.prompt`", "type: agent, input: { agent: worker, prompt: do it }"],
    ["`input.agent_task`", "type: agent, input: { agent: worker, agent_task: do it }"],
    ["`input.agentTask`", "type: agent, input: { agent: worker, agentTask: do it }"],
    ["`input.userInput`", "type: agent, input: { agent: worker, userInput: do it }"],
    ["`agent_id`", "type: agent, agent_id: worker, task: do it"],
    ["`input.agent_id`", "type: agent, input: { agent_id: worker, task: do it }"],
  ])("written with %s calls the agent with its task", async (_, text) => {
    const { status, calls } = await run(states(`{ name: work, ${text}, end: true }`));
    expect(status).toBe("COMPLETED");
    expect(calls).toMatchObject([{ state: "work", agent: "worker", task: "do it" }]);
  });

  it.each([
    ["`retry` in camel case", "retry: { maxAttempts: 2, backoffSeconds: 5 }"],
    ["`retry` in snake case", "retry: { max_attempts: 2, backoff: 5s, retry_on: [rate_limited] }"],
    ["`timeoutSeconds`", "timeoutSeconds: 30"],
    ["`timeout_seconds`", "timeout_seconds: 30"],
    ["`timeout` as 90s", "timeout: 90s"],
    ["`timeout` as ISO 8601", "timeout: PT2M"],
  ])("written with %s runs to the end", async (_, text) => {
    const { status } = await run(states(`{ name: work, type: agent, agent: worker, ${text}, end: true }`));
    expect(status).toBe("COMPLETED");
  });
});

describe("an approval", () => {
  it.each([
    ["`type: approval`", "type: approval, message: Go?"],
    ["`type: human_approval`", "type: human_approval, message: Go?"],
    [
      "`action: human.approval`",
      "type: operation, action: human.approval, input: { message: Go?, approvers: [team:ops] }",
    ],
    ["the marker in `input.task`", "type: operation, input: { task: human.approval, message: Go? }"],
    [
      "snake case",
      "type: approval, prompt: Go?, summary_path: ctx.plan, approval_title: Plan, timeout_seconds: 60",
    ],
  ])("written with %s is asked for and answers that it was approved", async (_, text) => {
    const { status, context } = await run(states(`{ name: ask, ${text}, end: true }`), null, { plan: "x" });
    expect(status).toBe("COMPLETED");
    expect(context).toMatchObject({ steps: { ask: { approved: true } } });
  });
});

describe("a foreach", () => {
  it.each([
    ["`foreach`, `itemName`", "type: foreach, itemsPath: ctx.items, itemName: one"],
    ["`for`, `itemVariable`", "type: for, itemsPath: items, itemVariable: one"],
    ["`loop`, `$.`", "type: loop, itemsPath: $.items, itemName: one"],
  ])("written as %s visits every item", async (_, text) => {
    const body = "iterator: { states: [{ name: twice, type: transform, expression: one * 2, end: true }] }";
    const { context } = await run(
      states(`{ name: each, ${text}, ${body}, resultPath: ctx.out, end: true }`),
      null,
      {
        items: [1, 2],
      },
    );
    expect(context).toMatchObject({ out: expect.any(Array) });
  });

  it("with an agent for a body answers the agent's answers", async () => {
    const text =
      "{ name: each, type: foreach, itemsPath: items, itemName: one, iterator: { agent: worker, task: 'do {{ one }}' }, resultPath: out, end: true }";
    const { context, calls } = await run(states(text), { n: 1 }, { items: ["a", "b"] });
    expect(context["out"]).toEqual([{ n: 1 }, { n: 1 }]);
    expect(calls.map(({ task }) => task)).toEqual(["do a", "do b"]);
  });
});

describe("what published workflows read", () => {
  it.each([
    "steps.work.status",
    "steps.work.result.status",
    "steps.work.output.status",
    "ctx.steps.work.status",
    'ctx["steps"]["work"].get("status")',
  ])("%s is the agent's answer", async (expression) => {
    const { context } = await run(
      states(
        "{ name: work, type: agent, agent: worker, next: read }",
        `{ name: read, type: transform, expression: '${expression}', resultPath: read, end: true }`,
      ),
    );
    expect(context["read"]).toBe("ok");
  });

  it("paths with brackets, and a dollar sign with braces for templates", async () => {
    const { calls } = await run(
      states(`{ name: work, type: agent, agent: worker, task: 'look at \${ctx.items[0].name}', end: true }`),
      null,
      { items: [{ name: "a" }] },
    );
    expect(calls).toMatchObject([{ task: "look at a" }]);
  });
});
