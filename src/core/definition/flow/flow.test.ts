import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../json.ts";
import { agent, ask, flowOf, object } from "./test-flow.ts";

const text = { type: "string" };
const pods = { type: "array", items: object({ "name?": text, "status?": text }) };

/** PRD §9.3. */
const agents = [
  agent("pod-checker", object({ namespace: text }), object({ pods, "timestamp?": text })),
  agent(
    "log-analyzer",
    object({ pods: { type: "array", items: { type: "object", properties: { name: text } } } }),
    object({ "analysis?": text, "severity?": { enum: ["low", "high"] } }),
  ),
  agent("notifier"),
  agent("counter", object({ count: { type: "integer" } }), object({ count: { type: "integer" } })),
  agent("minimal", undefined, object({ result: text })),
  agent("expects-more", object({ result: text, "metadata?": { type: "object" } })),
  agent("closed", object({ "pods?": pods }, { additionalProperties: false })),
];
const inputSchema = object({ namespace: text, "services?": pods });
const last = { name: "last", type: "inject", data: { done: true }, end: true };

function flow(...states: readonly JsonObject[]) {
  return flowOf({ inputSchema, states }, agents);
}

describe("from agent to agent", () => {
  test("what one gives is what the next one takes: nothing to say", () => {
    const check = ask("check", "pod-checker", { resultPath: "steps.check", next: "analyze" });
    const analyze = ask("analyze", "log-analyzer", { next: "notify" });
    expect(flow(check, analyze, ask("notify", "notifier", { end: true }))).toEqual([]);
  });

  test("TestE2E_ThreeAgentPipeline_SchemaMismatch", () =>
    expect(
      flow(
        ask("a", "pod-checker", { next: "b" }),
        ask("b", "counter", { next: "c" }),
        ask("c", "counter", { end: true }),
      ),
    ).toEqual([
      'error /states/1/agent: input of agent "counter" (state "b"): "count" is required and is not provided (expected integer) (provide "count", or write it in "variables")',
    ]));

  test("an optional field that is missing beside one that is there is a warning (PRD §9.3)", () =>
    expect(flow(ask("a", "minimal", { next: "b" }), ask("b", "expects-more", { end: true }))).toEqual([
      'warning /states/1/agent: input of agent "expects-more" (state "b"): "metadata" is not provided (optional, expected object) (provide "metadata", or write it in "variables")',
    ]));

  test("an optional field is no matter where the agent takes nothing from the step before", () =>
    expect(
      flow(
        ask("a", "notifier", { next: "b" }),
        ask("b", "expects-more", { input: { variables: { result: "x" } }, end: true }),
      ),
    ).toEqual([]));

  test("an agent without a schema ends all knowledge", () =>
    expect(flow(ask("a", "notifier", { next: "b" }), ask("b", "counter", { end: true }))).toEqual([]));

  test("TestE2E_ParallelBranches_SchemaValidation", () => {
    const branches = [
      { name: "good", states: [ask("g", "pod-checker", { end: true })] },
      { name: "bad", states: [ask("b", "counter", { end: true })] },
    ];
    expect(flow({ name: "p", type: "parallel", branches, end: true })).toEqual([
      'warning /states/0/branches/1/states/0/agent: input of agent "counter" (state "b"): "count" is required and may be missing (expected integer) (provide "count" on every path, or write it in "variables")',
    ]);
  });

  test("TestE2E_ForeachIteration_SchemaValidation", () => {
    const each = (variables: JsonObject) => ({
      name: "each",
      type: "foreach",
      itemsPath: "services",
      itemName: "service",
      iterator: { states: [ask("one", "pod-checker", { input: { variables }, end: true })] },
      end: true,
    });
    expect(flow(each({ namespace: "{{ service.name }}" }))).toEqual([]);
    expect(flow(each({ namespace: "{{ _index }}" }))).toEqual([
      'error /states/0/iterator/states/0/input/variables/namespace: input of agent "pod-checker" (state "one"): "namespace" must be string, and is integer',
    ]);
    expect(flow(each({}))).toEqual([
      'warning /states/0/iterator/states/0/agent: input of agent "pod-checker" (state "one"): "namespace" is required and may be missing (expected string) (write it in "variables": namespace: "{{ namespace }}")',
    ]);
  });
});

describe("along every path", () => {
  const check = ask("check", "pod-checker", { next: "decide" });
  const decide = (next: string) => ({
    name: "decide",
    type: "switch",
    conditions: [{ if: "len(steps.check.pods) > 3", next }],
    defaultNext: "analyze",
  });
  const analyze = ask("analyze", "log-analyzer", { end: true });

  test("through a switch flows what was there before it", () =>
    expect(flow(check, decide("last"), analyze, last)).toEqual([]));

  test("what only one of two paths provides may be missing", () =>
    expect(
      flow(
        check,
        decide("other"),
        { name: "other", type: "inject", data: { x: 1 }, next: "analyze" },
        analyze,
      ),
    ).toEqual([
      'warning /states/3/agent: input of agent "log-analyzer" (state "analyze"): "pods" is required and may be missing (expected array) (write it in "variables": pods: "{{ steps.check.pods }}")',
    ]));

  test("what no path provides is missing", () => {
    const inject = (name: string) => ({ name, type: "inject", data: { x: 1 }, next: "analyze" });
    const choose = {
      name: "choose",
      type: "switch",
      conditions: [{ if: "True", next: "a" }],
      defaultNext: "b",
    };
    expect(flow(choose, inject("a"), inject("b"), analyze)).toHaveLength(1);
    expect(flow(choose, inject("a"), inject("b"), analyze)[0]).toMatch(
      /^error .*"pods" is required and is not/,
    );
  });

  test("after onError flows the error, after continueOnError nothing", () => {
    const onError = flow(ask("a", "pod-checker", { onError: { next: "analyze" }, next: "analyze" }), analyze);
    expect(onError[0]).toMatch(/^warning .*"pods" is required and may be missing/);
    const goOn = flow(ask("a", "pod-checker", { continueOnError: true, next: "analyze" }), analyze);
    expect(goOn[0]).toMatch(/^warning .*"pods" is required and may be missing/);
  });

  test("of a try and its catch both are followed", () => {
    const attempt = (who: string) => ({
      name: "t",
      type: "try",
      try: [ask("x", "pod-checker", { end: true })],
      catch: [ask("y", who, { input: { variables: { namespace: "n" } }, end: true })],
      next: "analyze",
    });
    expect(flow(attempt("pod-checker"), analyze)).toEqual([]);
    expect(flow(attempt("notifier"), analyze)).toEqual([]);
    expect(flow(attempt("minimal"), analyze)[0]).toMatch(/^warning .*"pods" is required and may be missing/);
  });

  test("a loop that builds up a value comes to rest", () => {
    const states = [
      {
        name: "grow",
        type: "inject",
        data: { x: { before: "{{ ctx.x }}", n: 1 } },
        resultPath: "x",
        next: "turn",
      },
      { name: "turn", type: "switch", conditions: [{ if: "True", next: "grow" }], defaultNext: "use" },
      ask("use", "counter", { input: { variables: { count: "{{ ctx.x }}" } }, end: true }),
    ];
    expect(flow(...states)[0]).toMatch(/^error .*"count" must be integer, and is object/);
  });

  test("thirty containers within each other take little time", () => {
    let inner: JsonObject = ask("a", "counter", { end: true });
    for (let depth = 0; depth < 30; depth++)
      inner = { name: "t", type: "try", try: [inner], finally: [last], end: true };
    const started = performance.now();
    expect(flow(inner)).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

test("a workflow that writes a value into itself again and again takes little time", () => {
  const grow = (more: JsonObject) =>
    Array.from({ length: 200 }, (_, index) => ({
      name: `s${index}`,
      type: "inject",
      data: { x: { a: "{{ ctx.x }}", b: "{{ ctx.x }}", c: [`{{ steps.s${index - 1} }}`] } },
      ...more,
      next: index < 199 ? `s${index + 1}` : "last",
    }));
  const started = performance.now();
  for (const more of [{}, { resultPath: "y" }])
    expect(flow({ name: "s-1", type: "inject", data: { x: 1 }, next: "s0" }, ...grow(more), last)).toEqual(
      [],
    );
  expect(performance.now() - started).toBeLessThan(30_000);
});

describe("the input of an agent", () => {
  const counted = (variables: JsonObject, more: JsonObject = {}) =>
    flow(ask("a", "counter", { input: { variables }, end: true, ...more }));

  test("is what is written, with the type that it has", () => {
    expect(counted({ count: 3 })).toEqual([]);
    expect(counted({ count: "3" })[0]).toMatch(/^error \/states\/0\/input\/variables\/count: .* is "3"$/);
    expect(counted({ count: "{{ namespace }}" })[0]).toMatch(/must be integer, and is string$/);
    expect(counted({ count: "{{ len(namespace) }}" })).toEqual([]);
    expect(counted({ count: "n = {{ len(namespace) }}" })[0]).toMatch(/and is string$/);
  });

  test("a closed schema takes what it knows of the result before, and refuses an unknown variable", () => {
    const check = ask("check", "pod-checker", { next: "b" });
    expect(flow(check, ask("b", "closed", { end: true }))).toEqual([]);
    expect(flow(check, ask("b", "closed", { input: { variables: { pod: 1 } }, end: true }))).toEqual([
      'error /states/1/input/variables/pod: input of agent "closed" (state "b"): "pod" is not allowed here (expected pods) (agent "closed" takes pods)',
    ]);
  });

  test("takes its task, and the defaults of its schema", () => {
    const worker = agent("worker", {
      ...object({ task: text, level: { enum: [1, 2] } }),
      default: { level: 1 },
    });
    const closed = { type: "object", additionalProperties: false };
    const step = (task: JsonObject) =>
      flowOf({ states: [ask("a", "worker", { ...task, end: true })], inputSchema: closed }, [worker]);
    expect(step({ task: "go" })).toEqual([]);
    expect(step({})[0]).toMatch(/^error .*"task" is required and is not provided/);
  });

  test("is not looked at when nobody knows which agent it is", () => {
    expect(flow(ask("a", "{{ namespace }}", { end: true }))).toEqual([]);
    expect(
      flowOf(
        { inputSchema, states: [ask("a", "counter", { end: true })] },
        [agents[3], agents[3]].flatMap((one) => one ?? []),
      ),
    ).toEqual([]);
  });
});

describe("a workflow that is too large to be followed says that it was not, and nothing else:", () => {
  const asked = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      ask(`s${i}`, "counter", i + 1 < count ? { next: `s${i + 1}` } : { end: true }),
    );
  const warning =
    'warning /states: the workflow is too large to follow its data: what its agents get and what it reads is not checked (move parts of it into workflows of their own and call them with "workflow.run")';

  test("many states in a row", () => expect(flow(...asked(2500))).toEqual([warning]));

  test("fewer within a try, where each is laid over what was there before", () =>
    expect(
      flow({ name: "all", type: "try", try: { states: asked(1000) }, catch: { states: [last] }, end: true }),
    ).toEqual([warning]));

  test("not so a few hundred", () => {
    const states = asked(400).map((state) => ({ ...state, agent: "notifier" }));
    expect(flow({ name: "all", type: "try", try: { states }, catch: { states: [last] }, end: true })).toEqual(
      [],
    );
  });
});
