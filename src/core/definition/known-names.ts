import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import { type Path, parsePath } from "../path.ts";
import { TICK_NAMES } from "../schedule/tick-names.ts";
import type { Severity } from "./diagnostic.ts";
import { allStates } from "./graph.ts";
import { didYouMean } from "./suggest.ts";
import type { Definition, State } from "./types.ts";

/** What a definition's texts can read, as far as it is known before a run. */
export type KnownNames = {
  /** Top-level names of the context and those beside it; `null` when any name may come with the input. */
  readonly names: ReadonlySet<string> | null;
  /** Those of them that are an author's own: declared, or written by a state. */
  readonly data: ReadonlySet<string>;
  /** Keys of `steps`; `null` when they cannot be known. */
  readonly steps: ReadonlySet<string> | null;
  /** True when the input cannot bring anything that it does not declare. */
  readonly isClosed: boolean;
  /** Where a name may come from that is near none of these; without it from the input. */
  readonly source?: string;
};

/** What is filled in before a run begins: its schedule's input for a tick, and its concurrency key from its input. */
export type Before = "tick" | "start";

/** Names that are always there, or are there in the places that need them. */
const RESERVED = [
  "ctx",
  "input",
  "workflow",
  "steps",
  "now",
  "_timestamp",
  "error",
  "_error",
  "_errorMessage",
  "_errorType",
  "_errorStep",
  "_index",
  "_total",
  "_item",
  ...TICK_NAMES,
];

/** Keywords under which a schema may allow properties that its `properties` does not list. */
const OPENING = ["$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties", "propertyNames"];

/** Collects the names a definition declares in `inputSchema` or writes itself. */
export function knownNames(definition: Definition): KnownNames {
  const states = allStates(definition).map(({ state }) => state);
  const written = states.flatMap(writtenPaths);
  const declared = declaredInputs(definition);
  const stepsAreKnown = !written.some(([root, key]) => root === "steps" && key === undefined);
  const data = new Set([...givenNames(definition), ...written.map(([root]) => root ?? "")]);
  return {
    isClosed: isClosed(definition),
    names: declared && new Set([...RESERVED, ...data]),
    data,
    steps:
      stepsAreKnown && !declared?.includes("steps")
        ? new Set([
            ...states.map(({ name }) => name),
            ...written.filter(([root]) => root === "steps").map(([, key]) => key ?? ""),
          ])
        : null,
  };
}

/** Collects what can be read before a run begins: no state has written anything, and no run has an id or a time. */
export function namesBefore(definition: Definition, before: Before): KnownNames {
  if (before === "tick") {
    const source = `the input of a schedule reads ${TICK_NAMES.join(", ")}`;
    const names = new Set(["ctx", ...TICK_NAMES]);
    return { names, data: new Set(), steps: null, isClosed: true, source };
  }
  const data = givenNames(definition);
  return {
    names: declaredInputs(definition) && new Set(["ctx", "input", "workflow", ...TICK_NAMES, ...data]),
    data,
    steps: null,
    isClosed: isClosed(definition),
    source: "declare it in the inputSchema: this is worked out from a run's input, before it begins",
  };
}

/** What is wrong with reading `path` from the context; `null` when it may well be there. */
export function unknownName(
  known: KnownNames,
  path: Path,
): { readonly severity: Severity; readonly message: string; readonly hint?: string } | null {
  const [root, ...below] = path[0] === "ctx" ? path.slice(1) : path;
  if (root === undefined) return null;
  if (known.names && !known.names.has(root)) {
    const likely = [...known.names].filter((name) => root.startsWith("_") || !name.startsWith("_"));
    const hint = didYouMean(root, likely) ?? known.source ?? `declare "${root}" in the inputSchema`;
    return { severity: known.isClosed ? "error" : "warning", message: `nothing provides "${root}"`, hint };
  }
  const [step] = below;
  if (root !== "steps" || step === undefined || !known.steps || known.steps.has(step)) return null;
  const hint = didYouMean(step, known.steps);
  const message = `there is no state "${step}" and nothing writes "steps.${step}"`;
  return { severity: "error", message, ...(hint && { hint }) };
}

function isClosed({ inputSchema }: Definition): boolean {
  return inputSchema?.["additionalProperties"] === false;
}

function declaredInputs({ inputSchema }: Definition): readonly string[] | null {
  return inputSchema ? declaredNames(inputSchema) : null;
}

/** The names that a schema of an object declares; `null` where it says that others may come too. */
export function declaredNames(schema: JsonObject): readonly string[] | null {
  const properties = schema["properties"];
  if (!isObject(properties) || OPENING.some((keyword) => Object.hasOwn(schema, keyword))) return null;
  return allowsMore(schema["additionalProperties"]) ? null : Object.keys(properties);
}

/** What a run's input is known to bring, whatever else it may. */
function givenNames({ inputSchema, schedule }: Definition): ReadonlySet<string> {
  const properties = inputSchema?.["properties"];
  const declared = isObject(properties) ? Object.keys(properties) : [];
  return new Set([...declared, ...Object.keys(schedule?.input ?? {})]);
}

/** Said on purpose, unlike the default. */
function allowsMore(additionalProperties: JsonValue | undefined): boolean {
  return additionalProperties === true || isObject(additionalProperties);
}

function writtenPaths(state: State): readonly Path[] {
  const result = pathOf(state.resultPath);
  const error = pathOf(state.onError?.resultPath);
  const item = state.type === "foreach" ? [[state.itemName]] : [];
  const merged =
    state.type === "inject" && state.resultPath === undefined
      ? Object.keys(state.data).map((key) => [key])
      : [];
  return [...result, ...error, ...item, ...merged];
}

function pathOf(text: string | undefined): readonly Path[] {
  const path = text === undefined ? null : parsePath(text);
  return path ? [path.keys] : [];
}
