import { pointerTo } from "../definition/pointer.ts";
import { didYouMean } from "../definition/suggest.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isObject } from "../json.ts";
import { type DiffLine, listDiff } from "./list-diff.ts";
import { shortfalls } from "./subset.ts";
import type { Expected } from "./test-file.ts";

/** What a run came to, as far as tests speak of it. */
export type Outturn = {
  readonly status: string;
  /** The states of each branch in the order in which they were entered; the root is "". */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  readonly calls: readonly CallFacts[];
  readonly context: JsonObject;
  readonly output: JsonValue | undefined;
  readonly error: JsonObject | null;
  readonly tookMs: number;
};

export type CallFacts = {
  readonly state: string;
  readonly agent: string;
  readonly branch: string;
  readonly attempt: number;
  readonly task: string | null;
  readonly variables: JsonObject;
  readonly input: JsonObject | null;
};

/** One way in which a run is not as expected; `pointer` leads to the expectation, below `expect`. */
export type Mismatch = {
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
  readonly diff?: readonly DiffLine[];
};

/** Everything in which a run is not as expected. `that`, which needs expressions, is not looked at here. */
export function mismatches(expected: Expected, actual: Outturn): readonly Mismatch[] {
  return [
    ...statusMismatch(expected, actual),
    ...pathMismatches(expected, actual),
    ...callMismatches(expected, actual),
    ...valueMismatches("context", expected.context, actual.context),
    ...valueMismatches("output", expected.output, actual.output),
    ...errorMismatches(expected, actual),
    ...timeMismatch(expected, actual),
  ];
}

function statusMismatch({ status }: Expected, actual: Outturn): readonly Mismatch[] {
  if (status === undefined || status === actual.status) return [];
  const why = actual.error === null ? "" : `: ${actual.error["message"]}`;
  return [{ pointer: "/status", message: `expected the run to be ${status}; it is ${actual.status}${why}` }];
}

function pathMismatches({ path, branches = {} }: Expected, { paths }: Outturn): readonly Mismatch[] {
  const found = path === undefined ? [] : pathMismatch("/path", "the run", path, paths[""] ?? []);
  const below = Object.entries(branches).flatMap(([branch, states]) => {
    const pointer = pointerTo("", "branches", branch);
    const actual = paths[branch];
    if (actual) return pathMismatch(pointer, `branch "${branch}"`, states, actual);
    const known = Object.keys(paths).filter((name) => name !== "");
    const hint = didYouMean(branch, known) ?? `there are ${known.join(", ") || "none"}`;
    return [{ pointer, message: `branch "${branch}" was never opened`, hint }];
  });
  return [...found, ...below];
}

function pathMismatch(
  pointer: string,
  who: string,
  expected: readonly string[],
  actual: readonly string[],
): readonly Mismatch[] {
  const diff = listDiff(expected, actual);
  if (diff.every(({ sign }) => sign === " ")) return [];
  return [{ pointer, message: `${who} took another path`, diff }];
}

function callMismatches({ calls = {} }: Expected, actual: Outturn): readonly Mismatch[] {
  return Object.entries(calls).flatMap(([name, wanted]) => {
    const pointer = pointerTo("", "calls", name);
    const made = actual.calls.filter(({ state, agent }) => state === name || agent === name);
    const expected = typeof wanted === "number" ? null : isObject(wanted) ? [wanted] : wanted;
    const count = typeof wanted === "number" ? wanted : (expected?.length ?? 0);
    if (made.length !== count) {
      const names = new Set(actual.calls.flatMap(({ state, agent }) => [state, agent]));
      const hint = made.length > 0 ? undefined : didYouMean(name, names);
      const message = `expected ${times(count)} of "${name}"; there ${made.length === 1 ? "was" : "were"} ${times(made.length)}`;
      return [{ pointer, message, ...(hint && { hint }) }];
    }
    return (expected ?? []).flatMap((call, index) =>
      shortfalls(call, made[index] as unknown as JsonObject).map((difference) => ({
        pointer: `${isObject(wanted) ? pointer : pointerTo(pointer, index)}${difference.pointer}`,
        ...said(
          `"${name}"${difference.pointer.replaceAll("/", ".")}`,
          difference.expected,
          difference.actual,
        ),
      })),
    );
  });
}

function valueMismatches(
  what: "context" | "output",
  expected: JsonValue | undefined,
  actual: JsonValue | undefined,
): readonly Mismatch[] {
  if (expected === undefined) return [];
  return shortfalls(expected, actual).map((difference) => ({
    pointer: `/${what}${difference.pointer}`,
    ...said(`${what}${difference.pointer.replaceAll("/", ".")}`, difference.expected, difference.actual),
  }));
}

function errorMismatches({ error }: Expected, actual: Outturn): readonly Mismatch[] {
  if (error === undefined) return [];
  if (actual.error === null)
    return [{ pointer: "/error", message: `expected an error; the run is ${actual.status} without one` }];
  const { message, ...rest } = error;
  const actualText = String(actual.error["message"]);
  const text =
    typeof message === "string" && !actualText.includes(message)
      ? [{ pointer: "/error/message", ...said("error.message", message, actualText) }]
      : [];
  return [
    ...shortfalls(rest, actual.error).map((difference) => ({
      pointer: `/error${difference.pointer}`,
      ...said(`error${difference.pointer.replaceAll("/", ".")}`, difference.expected, difference.actual),
    })),
    ...text,
  ];
}

function timeMismatch({ takesMs }: Expected, { tookMs }: Outturn): readonly Mismatch[] {
  if (takesMs === undefined || takesMs === tookMs) return [];
  return [{ pointer: "/takes", message: `expected to take ${takesMs / 1000} s; it took ${tookMs / 1000} s` }];
}

function said(what: string, expected: JsonValue, actual: JsonValue | undefined) {
  if (actual === undefined) return { message: `${what} is not there`, diff: [minus(expected)] };
  return { message: `${what} is different`, diff: [minus(expected), plus(actual)] };
}

function minus(value: JsonValue): DiffLine {
  return { sign: "-", text: JSON.stringify(value) };
}

function plus(value: JsonValue): DiffLine {
  return { sign: "+", text: JSON.stringify(value) };
}

function times(count: number): string {
  return count === 1 ? "1 call" : `${count === 0 ? "no" : count} calls`;
}
