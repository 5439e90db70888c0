import { parseTemplate, templatesIn } from "../core/definition/template.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { readPath } from "../core/path.ts";
import type { Evaluation } from "../core/run/questions.ts";
import { fillAll } from "../core/run/render.ts";
import type { Ports } from "./ports.ts";

export type Filled =
  | { readonly ok: true; readonly value: JsonValue }
  /** What is wrong with which template, in one line. */
  | { readonly ok: false; readonly message: string };

/**
 * Fills in every template of a value that belongs to no run, from the names in `scope`. A string that is one template
 * keeps the value's type; a value is never expanded twice.
 */
export async function fillTemplate(
  { expressions }: Pick<Ports, "expressions">,
  value: JsonValue,
  scope: JsonObject,
): Promise<Filled> {
  const texts = new Set<string>();
  for (const text of templatesIn(value)) {
    const template = parseTemplate(text);
    if (!template.ok) return { ok: false, message: template.message };
    for (const part of template.parts) if (part.kind === "expression") texts.add(part.text);
  }
  const programs = [...texts].map((text) => ({ mode: "expression", text }) as const);
  const answers =
    programs.length === 0 ? [] : await expressions.evaluate(programs, { layers: [scope], stateResults: [] });
  const known = new Map<string, Evaluation | undefined>(programs.map(({ text }, i) => [text, answers[i]]));
  const filled = fillAll<string>(value, (part) => {
    switch (part.kind) {
      case "text":
        return { ok: true, value: part.text };
      case "path": {
        const found = readPath(scope, part.path.keys);
        if (found !== undefined) return { ok: true, value: found };
        return {
          ok: false,
          error: `"${part.text}" is not there; there are ${Object.keys(scope).join(", ")}`,
        };
      }
      case "expression": {
        const answer = known.get(part.text);
        if (!answer) throw new Error(`no answer for expression ${part.text}`);
        if (answer.ok) return { ok: true, value: answer.value };
        return { ok: false, error: `"${part.text}": ${answer.error.message}` };
      }
    }
  });
  return filled.ok ? filled : { ok: false, message: filled.error };
}
