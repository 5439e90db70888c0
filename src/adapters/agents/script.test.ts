import { describe, expect, test } from "vitest";
import { createTestRunner } from "../../../test/support/agent-runner.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { createSchemas } from "../json-schema/schemas.ts";
import { readScript } from "./script.ts";
import { keepingLog, loading, request, scripted } from "./test-agents.ts";

const never = new AbortController().signal;

function act(script: readonly JsonValue[], variables: JsonObject = {}, attempt = 1, signal = never) {
  const clock = { now: () => 0, random: () => 0 };
  const load = loading(scripted(...script));
  const runner = createTestRunner({ load, schemas: createSchemas(), clock, log: keepingLog() });
  return runner.run(request("actor", { variables, attempt }), signal);
}

describe("a script answers", () => {
  test("with a text or an output, and what follows is not done", async () => {
    expect(await act([{ text: "hello" }, { error: { code: "x" } }])).toMatchObject({ output: "hello" });
    expect(await act([{ output: null }, { text: "late" }])).toMatchObject({ output: null });
  });

  test("with what it finds in the input", async () =>
    expect(
      await act(
        [{ output: { ok: "{{ready}}", all: "{{ input }}", line: "{{pods[0].name}}: {{input.n}} {{pods}}" } }],
        {
          ready: true,
          n: 2,
          pods: [{ name: "api" }],
        },
      ),
    ).toMatchObject({
      output: {
        ok: true,
        all: { ready: true, n: 2, pods: [{ name: "api" }] },
        line: 'api: 2 [{"name":"api"}]',
      },
    }));

  test("even when that is nothing", async () =>
    expect(await act([{ output: "{{x}}" }], { x: null })).toMatchObject({ output: null }));

  test("and never expands what it put in", async () =>
    expect(await act([{ text: "{{x}}" }], { x: "{{y}}" })).toMatchObject({ output: "{{y}}" }));

  test("or fails naming what the input does not have", async () =>
    expect(await act([{ sleep_ms: 0 }, { text: "in {{city}}" }], { town: "Ulm" })).toMatchObject({
      status: "failed",
      error: {
        type: "expression",
        code: "EXPRESSION_NAME",
        message: 'script of agent "actor", entry 2: "city" is not set: nothing of it exists; there are: town',
      },
    }));

  test("or with a simulated text when it says nothing", async () =>
    expect(await act([{ sleep_ms: 0 }])).toMatchObject({ output: "[simulated] actor" }));
});

describe("a script fails", () => {
  test("as it says", async () => {
    const error = { code: "flaky", message: "no route to {{host}}", retryable: true };
    expect(await act([{ error }], { host: "db" })).toEqual({
      status: "failed",
      error: { type: "agent_error", code: "flaky", message: "no route to db", retryable: true },
    });
  });

  test("in the attempts it names, and then succeeds", async () => {
    const script = [{ attempt: 1, error: { code: "flaky", retryable: true } }, { output: { ok: true } }];
    expect(await act(script, {}, 1)).toMatchObject({
      status: "failed",
      error: { code: "flaky", retryable: true },
    });
    expect(await act(script, {}, 2)).toMatchObject({ status: "completed", output: { ok: true } });
  });

  test("at a tool: there are none yet, and the call is not skipped", async () =>
    expect(await act([{ call: { tool: "get_weather", args: {} } }, { text: "sunny" }])).toMatchObject({
      error: {
        type: "agent_error",
        code: "tool_not_found",
        message: expect.stringContaining('entry 1: tool "get_weather" not found'),
      },
    }));
});

describe("a sleeping script", () => {
  test("sleeps", async () => {
    const before = performance.now();
    expect(await act([{ sleep_ms: "{{ms}}" }, { text: "awake" }], { ms: 30 })).toMatchObject({
      output: "awake",
    });
    expect(performance.now() - before).toBeGreaterThan(25);
  });

  test("ends at once when the step is cancelled", async () => {
    const stop = new AbortController();
    const sleeping = act([{ sleep_ms: 3_600_000 }, { text: "awake" }], {}, 1, stop.signal);
    setImmediate(() => stop.abort());
    expect(await sleeping).toMatchObject({
      status: "failed",
      error: { type: "cancelled", retryable: false },
    });
  });

  test("ends at once when the step is out of time", async () =>
    expect(await act([{ sleep_ms: 3_600_000 }], {}, 1, AbortSignal.timeout(5))).toMatchObject({
      status: "failed",
      error: { type: "timeout", retryable: true },
    }));
});

describe("a script that cannot be understood is refused as a whole", () => {
  const one = "must have exactly one of text, output, sleep_ms, error, call";
  test.each<[JsonValue, string]>([
    ["say hi", "must be an object with one of text, output, sleep_ms, error, call"],
    [{}, one],
    [{ text: "a", output: 1 }, one],
    [{ text: "a", delay: 1 }, 'unknown key "delay" beside "text"'],
    [{ text: 5 }, "`text` must be text; use `output` for other values"],
    [{ text: "{{ a + 1 }}" }, '"a + 1" is no plain path; a script reads paths like {{input.city}} only'],
    [{ text: "{{ a" }, '"{{" is never closed by "}}"'],
    [{ sleep_ms: -1 }, "`sleep_ms` must be a number of milliseconds, at most a day"],
    [{ error: { message: "x" } }, "`error.code` must be text"],
    [{ error: { code: "x", retry: true } }, 'unknown key "retry" in `error`'],
    [{ call: "x" }, "`call` must be {tool, args}"],
    [{ text: "a", attempt: 0 }, "`attempt` must be a whole number from 1"],
  ])("%j", (entry, message) =>
    expect(readScript([{ sleep_ms: 0 }, entry])).toEqual({
      ok: false,
      pointer: "/1",
      message: `entry 2 of the script: ${message}`,
    }),
  );

  test("and the step says so before anything is done", async () =>
    expect(await act([{ error: { code: "x" } }, { txt: "hi" }])).toMatchObject({
      error: { type: "validation", code: "script_invalid", retryable: false },
    }));
});
