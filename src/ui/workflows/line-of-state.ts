import type { Workflow } from "../../http/schemas/workflows.ts";
import { graphOf } from "../runs/graph/graph-of.ts";

/** The line on which the state at a place of a workflow is named in its text, from 1; null where it cannot be told. */
export function lineOfPlace(
  { definition, source }: Pick<Workflow, "definition" | "source">,
  place: string,
): number | null {
  const { nodes } = graphOf(definition, new Set());
  const at = nodes.findIndex(({ id, state }) => id === place && state !== null);
  const name = nodes[at]?.title;
  if (name === undefined) return null;
  const before = nodes.slice(0, at).filter(({ title, state }) => title === name && state !== null);
  return lineOfState(source, name, before.length);
}

/** The line on which a state is named, when so many of the same name stand before it; from 1, null where it is unknown. */
export function lineOfState(source: string, name: string, before = 0): number | null {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // As YAML writes it in a block or in braces, or as JSON does; the workflow's own name stands at the margin.
  const named = new RegExp(
    `^(?:\\s*-\\s|\\s+|.*[{,]\\s*)["']?(name|id)["']?\\s*:\\s*["']?${escaped}["']?\\s*(?:[,}#].*)?$`,
  );
  const lines = source.split("\n").flatMap((text, index) => {
    const key = named.exec(text.replace(/\r$/, ""))?.[1];
    return key === undefined ? [] : [{ line: index + 1, key }];
  });
  // Where states have an id and a name, one of them counts.
  const same = lines.filter(({ key }) => key === lines[0]?.key);
  return (same[before] ?? same[0])?.line ?? null;
}
