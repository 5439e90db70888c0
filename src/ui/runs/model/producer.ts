import type { State } from "../../../core/definition/types.ts";
import { blockAt } from "../../../core/run/blocks.ts";
import type { History } from "./history.ts";
import type { StepTrail } from "./index-events.ts";

/** A piece of an author's text; a path is what stands between `{{` and `}}`. */
export type TemplatePart = { readonly text: string; readonly isPath: boolean; readonly at: number };

/** A text cut at its templates. */
export function templateParts(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (const match of text.matchAll(/\{\{[^}]*\}\}/g)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index), isPath: false, at });
    parts.push({ text: match[0], isPath: true, at: match.index });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), isPath: false, at });
  return parts;
}

/**
 * The step that wrote what a template reads: the last one before `reader` whose result path the template names, or
 * whose name stands behind `steps.`.
 */
export function producerOf(
  history: History,
  n: number,
  reader: StepTrail,
  template: string,
): StepTrail | null {
  const words = [...template.matchAll(/[A-Za-z_][\w.]*/g)].map(([word]) => word.replace(/^ctx\./, ""));
  let found: StepTrail | null = null;
  for (const trail of history.index.steps.values()) {
    if (trail.seq > n || trail.seq >= reader.seq || !trail.exit) continue;
    const paths = [stateOf(history, trail)?.resultPath, `steps.${trail.state}`];
    const isNamed = words.some((word) => paths.some((path) => path !== undefined && isBelow(word, path)));
    if (isNamed && (!found || trail.seq > found.seq)) found = trail;
  }
  return found;
}

function isBelow(word: string, path: string): boolean {
  return word === path || word.startsWith(`${path}.`);
}

function stateOf({ definition }: History, { branch, state }: StepTrail): State | null {
  try {
    return blockAt(definition, branch).states.find(({ name }) => name === state) ?? null;
  } catch {
    return null; // a branch this version cannot place
  }
}
