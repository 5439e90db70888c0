import { endlessCycles } from "./cycles.ts";
import type { DiagnosticCode, Issue } from "./diagnostic.ts";
import { edgesOf, reachable, type StateList, stateLists } from "./graph.ts";
import { knownNames, namesBefore, unknownName } from "./known-names.ts";
import { originOf } from "./origins.ts";
import { didYouMean } from "./suggest.ts";
import { parseTemplate } from "./template.ts";
import { pathsRead, templatedTexts } from "./texts.ts";
import type { Definition } from "./types.ts";

/** More findings of one kind are no help to anybody, and suggestions cost time. */
const ENOUGH = 100;

/**
 * What can be said about a definition from its text alone: targets, reachability, circles, template syntax, paths.
 * `flow: false` for a draft with errors, whose stand-ins say nothing about reachability.
 */
export function validate(definition: Definition, options = { flow: true }): readonly Issue[] {
  return [
    ...stateLists(definition).flatMap((list) => validateList(list, options.flow)),
    ...validateTemplates(definition),
    ...validatePaths(definition),
  ];
}

function validateList(list: StateList, withFlow: boolean): readonly Issue[] {
  const { owner, start, states, pointer } = list;
  if (states.length === 0) return [];
  const names = new Set(states.map(({ name }) => name).filter((name) => name !== ""));
  const found: Issue[] = [];
  const hasStart = names.has(start);
  if (!hasStart && start !== "")
    found.push(
      error("START_STATE_NOT_FOUND", originOf(owner, "start", pointer), `start state not found: "${start}"`, {
        ...suggestion(start, names),
        actual: start,
      }),
    );
  found.push(...unknownTargets(list, names));
  // behind a wrong target everything is unreachable: one finding is enough
  return withFlow && found.length === 0 ? [...unreachable(list), ...cycles(list)] : found;
}

function unknownTargets({ states, pointer }: StateList, names: ReadonlySet<string>): readonly Issue[] {
  const wrong = states.flatMap((state, index) =>
    edgesOf(state)
      .filter(({ target }) => target !== "" && !names.has(target))
      .map((edge) => ({ ...edge, state, index })),
  );
  return wrong.slice(0, ENOUGH).map(({ state, index, target, path }) => {
    const message = `state "${state.name}" goes to the unknown state "${target}"`;
    const at = originOf(state, path, `${pointer}/states/${index}`);
    return error("UNKNOWN_TARGET", at, message, { ...suggestion(target, names), actual: target });
  });
}

/** The list's own states are the only possible targets; a near one is named, else all of them if they are few. */
function suggestion(target: string, names: ReadonlySet<string>): Partial<Issue> {
  const hint = didYouMean(target, names);
  if (hint !== undefined) return { hint };
  return names.size <= 8 ? { hint: `the states here are ${[...names].join(", ")}` } : {};
}

function unreachable(list: StateList): readonly Issue[] {
  const seen = reachable(list);
  const issues = list.states.flatMap((state, index) => {
    if (state.name === "" || seen.has(state.name)) return [];
    const path = originOf(state, "name", `${list.pointer}/states/${index}`);
    return [
      warning("UNREACHABLE_STATE", path, `unreachable state: nothing leads to "${state.name}"`, {
        hint: `name it in a "next" or remove it`,
      }),
    ];
  });
  return issues.slice(0, ENOUGH);
}

function cycles({ states, pointer }: StateList): readonly Issue[] {
  const circles = endlessCycles(states).slice(0, ENOUGH);
  return circles.map((names) => {
    const index = states.findIndex(({ name }) => name === names.at(-2));
    const state = states[index];
    const edge = state && edgesOf(state).find(({ target }) => target === names[0]);
    const path = state ? originOf(state, edge?.path ?? "", `${pointer}/states/${index}`) : pointer;
    return warning("CIRCULAR_TRANSITION", path, `circular transition detected: ${names.join(" → ")}`, {
      hint: "nothing ever leaves this circle: add a switch or an end",
    });
  });
}

function validateTemplates(definition: Definition): readonly Issue[] {
  return templatedTexts(definition).flatMap(({ text, pointer, what }) => {
    const template = parseTemplate(text);
    if (template.ok) return [];
    return [error("TEMPLATE_SYNTAX", pointer, `${what}: ${template.message}`, { offset: template.offset })];
  });
}

/** Plain paths, in templates and on their own, that nothing can provide. */
function validatePaths(definition: Definition): readonly Issue[] {
  const known = knownNames(definition);
  const found: Issue[] = [];
  for (const { path, pointer, offset, what, before } of pathsRead(definition)) {
    const unknown = unknownName(before ? namesBefore(definition, before) : known, path.keys);
    if (!unknown) continue;
    const more = { ...(unknown.hint && { hint: unknown.hint }), ...(offset !== undefined && { offset }) };
    const message = `${what}: ${unknown.message}`;
    found.push({ code: "UNKNOWN_NAME", severity: unknown.severity, path: pointer, message, ...more });
    if (found.length === ENOUGH) break;
  }
  return found;
}

function error(code: DiagnosticCode, path: string, message: string, more: Partial<Issue> = {}): Issue {
  return { code, severity: "error", path, message, ...more };
}

function warning(code: DiagnosticCode, path: string, message: string, more: Partial<Issue> = {}): Issue {
  return { code, severity: "warning", path, message, ...more };
}
