import { parseTemplate, type TemplatePart, templatesIn } from "../definition/template.ts";
import { define, isList, isObject, type JsonValue } from "../json.ts";
import { deepestExisting } from "../path.ts";
import { readFrom, scopeOf, stateResultsOf, type View } from "./context.ts";
import { expressionError, finalError, missingPath } from "./errors.ts";
import type { Evaluation, Program } from "./questions.ts";
import type { StepError } from "./run.ts";
import type { Turn } from "./turn.ts";

export type Rendered<Fault = StepError> =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly error: Fault };

/**
 * Fills in every template of a value. Plain paths are read here; all expressions go out as one question. A string
 * that is one template keeps the value's type; a value is never expanded twice. `where` names the field in errors.
 */
export function render(turn: Turn, key: string, where: string, value: JsonValue, view: View): Rendered {
  const stateResults = stateResultsOf(turn.run.definition);
  const texts = templatesIn(value);
  if (texts.length === 0) return { ok: true, value };
  const asked = expressionsIn(where, texts);
  if (!asked.ok) return asked;
  const { programs } = asked;
  const evaluations = new Map<string, Evaluation>();
  if (programs.length > 0) {
    const answer = turn.ask({ ask: "evaluate", key, programs, scope: scopeOf(view, stateResults) });
    for (const [index, { text }] of programs.entries()) {
      const evaluation = answer.evaluations[index];
      if (evaluation) evaluations.set(text, evaluation);
    }
  }
  return fillIn(where, value, { view, stateResults, evaluations });
}

/** The expressions in templates, each once. */
export function expressionsIn(
  where: string,
  templates: readonly string[],
):
  | { readonly ok: true; readonly programs: readonly Program[] }
  | { readonly ok: false; readonly error: StepError } {
  const programs = new Map<string, Program>();
  for (const text of templates) {
    const template = parseTemplate(text);
    if (!template.ok)
      return {
        ok: false,
        error: finalError("expression", "TEMPLATE_SYNTAX", `${where}: ${template.message}`),
      };
    for (const part of template.parts)
      if (part.kind === "expression") programs.set(part.text, { mode: "expression", text: part.text });
  }
  return { ok: true, programs: [...programs.values()] };
}

/** What templates are filled from: what paths read, and what came of the expressions. */
export type Filling = {
  readonly view: View;
  readonly stateResults: readonly string[];
  readonly evaluations: ReadonlyMap<string, Evaluation>;
};

/** Fills in every template of a value; throws for an expression that nobody evaluated. */
export function fillIn(
  where: string,
  value: JsonValue,
  { view, stateResults, evaluations }: Filling,
): Rendered {
  const fill = (part: TemplatePart): Rendered => {
    switch (part.kind) {
      case "text":
        return { ok: true, value: part.text };
      case "path": {
        const found = readFrom(view, part.path, stateResults);
        if (found !== undefined) return { ok: true, value: found };
        const existing = deepestExisting(view.context, part.path.keys);
        return { ok: false, error: missingPath(where, part.text, existing, Object.keys(view.context)) };
      }
      case "expression": {
        const evaluation = evaluations.get(part.text);
        if (!evaluation) throw new Error(`no answer for expression ${part.text}`);
        return evaluation.ok
          ? { ok: true, value: evaluation.value }
          : { ok: false, error: expressionError(where, part.text, evaluation.error) };
      }
    }
  };
  return fillAll(value, fill);
}

/** A value with every part of its templates filled in; the first fault ends it. */
export function fillAll<Fault>(
  value: JsonValue,
  fill: (part: TemplatePart) => Rendered<Fault>,
): Rendered<Fault> {
  if (typeof value === "string") return fillText(value, fill);
  if (isList(value)) {
    const items: JsonValue[] = [];
    for (const item of value) {
      const filled = fillAll(item, fill);
      if (!filled.ok) return filled;
      items.push(filled.value);
    }
    return { ok: true, value: items };
  }
  if (isObject(value)) {
    const object: Record<string, JsonValue> = {};
    for (const [key, item] of Object.entries(value)) {
      const filled = fillAll(item, fill);
      if (!filled.ok) return filled;
      define(object, key, filled.value);
    }
    return { ok: true, value: object };
  }
  return { ok: true, value };
}

function fillText<Fault>(text: string, fill: (part: TemplatePart) => Rendered<Fault>): Rendered<Fault> {
  const template = parseTemplate(text);
  if (!template.ok) return { ok: true, value: text };
  const [only] = template.parts;
  if (template.parts.length === 1 && only) return fill(only);
  let whole = "";
  for (const part of template.parts) {
    const filled = fill(part);
    if (!filled.ok) return filled;
    whole += typeof filled.value === "string" ? filled.value : JSON.stringify(filled.value);
  }
  return { ok: true, value: whole };
}
