/** The line of a definition's text on which a state is named, from 1; null where it cannot be told. */
export function lineOfState(source: string, name: string): number | null {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // As YAML writes it in a block or in braces, or as JSON does; the workflow's own name stands at the margin.
  const named = new RegExp(
    `^(?:\\s*-\\s|\\s+|.*[{,]\\s*)["']?(?:name|id)["']?\\s*:\\s*["']?${escaped}["']?\\s*(?:[,}#].*)?$`,
  );
  const line = source.split("\n").findIndex((text) => named.test(text.replace(/\r$/, "")));
  return line === -1 ? null : line + 1;
}
