import type { Issue } from "../definition/diagnostic.ts";
import { DURATION_FORMS, parseDuration } from "../definition/duration.ts";
import { pointerTo } from "../definition/pointer.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Line, Ruling, Scenario, ScriptedSignal } from "./scenario.ts";

/** A test of a workflow: what the world does, and what should come of it. */
export type WorkflowTest = {
  readonly name: string;
  readonly scenario: Scenario;
  readonly expected: Expected;
  /** Where it stands in its file. */
  readonly pointer: string;
};

export type Expected = {
  readonly status?: string;
  /** The states of the workflow itself, in the order in which they were entered. */
  readonly path?: readonly string[];
  /** The same for branches: `diagnostics/pods`, `check_all/0`. */
  readonly branches?: Readonly<Record<string, readonly string[]>>;
  /** By state or agent: how often it was called, or with what. */
  readonly calls?: Readonly<Record<string, number | JsonObject | readonly JsonObject[]>>;
  readonly context?: JsonObject;
  readonly output?: JsonValue;
  readonly error?: JsonObject;
  readonly takesMs?: number;
  readonly that?: readonly string[];
};

export type TestFile = {
  /** As written; `null`: the workflow beside it that bears its name. */
  readonly workflow: string | null;
  readonly tests: readonly WorkflowTest[];
};

/** Reads a test file whose shape was checked; what a schema cannot say is among the issues. */
export function readTestFile(value: JsonObject): {
  readonly file: TestFile;
  readonly issues: readonly Issue[];
} {
  const issues: Issue[] = [];
  const names = new Set<string>();
  const tests = listOf(value["tests"]).map((test, index) => {
    const pointer = pointerTo("", "tests", index);
    const name = String(test["name"]);
    if (names.has(name)) {
      const message = `there are two tests called "${name}"`;
      issues.push({ code: "DUPLICATE_NAME", severity: "error", path: pointerTo(pointer, "name"), message });
    }
    names.add(name);
    return testOf(name, test, pointer, issues);
  });
  const { workflow } = value;
  return { file: { workflow: typeof workflow === "string" ? workflow : null, tests }, issues };
}

function testOf(name: string, test: JsonObject, pointer: string, issues: Issue[]): WorkflowTest {
  const at = (...keys: readonly (string | number)[]) => pointerTo(pointer, ...keys);
  const ms = (value: JsonValue | undefined, path: string) => milliseconds(value, path, issues);
  const agents = mapped(test["agents"], (lines, agent) =>
    listed(lines).map(({ item, keys }) => lineOf(item, at("agents", agent, ...keys), ms)),
  );
  const workflows = mapped(test["workflows"], (lines, workflow) =>
    listed(lines).map(({ item, keys }) => lineOf(item, at("workflows", workflow, ...keys), ms)),
  );
  const approvals = mapped(test["approvals"], (rulings, state) =>
    listed(rulings).map(({ item, keys }) => rulingOf(item, at("approvals", state, ...keys), ms)),
  );
  const signals = listOf(test["signals"]).map(
    (signal, index): ScriptedSignal => ({
      name: String(signal["name"]),
      payload: signal["payload"] ?? null,
      afterMs: signal["after"] === undefined ? null : ms(signal["after"], at("signals", index, "after")),
    }),
  );
  const input = isObject(test["input"]) ? test["input"] : {};
  const scenario = { input, agents, workflows, approvals, signals, assumesConsent: false };
  return { name, scenario, expected: expectedOf(test["expect"], at("expect"), ms), pointer };
}

type Milliseconds = (value: JsonValue | undefined, path: string) => number;

function lineOf(line: JsonObject, pointer: string, ms: Milliseconds): Line {
  const { error, output = null, takes, unchecked } = line;
  const says = isObject(error)
    ? {
        error: {
          code: String(error["code"]),
          message:
            typeof error["message"] === "string" ? error["message"] : `the test says "${error["code"]}"`,
          retryable: error["retryable"] === true,
        },
      }
    : { output };
  return {
    says,
    with: isObject(line["with"]) ? line["with"] : null,
    takesMs: ms(takes, pointerTo(pointer, "takes")),
    unchecked: unchecked === true,
    pointer,
  };
}

function rulingOf(ruling: JsonObject, pointer: string, ms: Milliseconds): Ruling {
  const { decision, by, comment, after } = ruling;
  return {
    decision: decision as Ruling["decision"],
    by: by === undefined ? [] : (isList(by) ? by : [by]).map(String),
    afterMs: ms(after, pointerTo(pointer, "after")),
    comment: typeof comment === "string" ? comment : null,
  };
}

function expectedOf(written: JsonValue | undefined, pointer: string, ms: Milliseconds): Expected {
  const { takes, that, ...rest } = isObject(written) ? written : {};
  return {
    ...(rest as Expected),
    ...(takes === undefined ? {} : { takesMs: ms(takes, pointerTo(pointer, "takes")) }),
    ...(that === undefined ? {} : { that: (isList(that) ? that : [that]).map(String) }),
  };
}

/** Seconds, or a duration as workflows write it; absent is 0. */
function milliseconds(value: JsonValue | undefined, path: string, issues: Issue[]): number {
  if (value === undefined) return 0;
  const seconds = typeof value === "number" ? value : parseDuration(String(value));
  if (seconds !== null && seconds >= 0) return Math.round(seconds * 1000);
  issues.push({
    code: "INVALID_DURATION",
    severity: "error",
    path,
    message: `${JSON.stringify(value)} is not a duration`,
    hint: `write seconds, or ${DURATION_FORMS}`,
  });
  return 0;
}

function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

/** One thing or a list of them, with the keys that lead to each. */
function listed(
  value: JsonValue,
): readonly { readonly item: JsonObject; readonly keys: readonly number[] }[] {
  if (isList(value)) return value.filter(isObject).map((item, index) => ({ item, keys: [index] }));
  return isObject(value) ? [{ item: value, keys: [] }] : [];
}

function mapped<Value>(
  value: JsonValue | undefined,
  read: (value: JsonValue, key: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).map(([key, below]) => [key, read(below, key)]),
  );
}
