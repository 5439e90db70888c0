import { isList, isObject, type JsonValue } from "../json.ts";

/** What an output has against it (the warnings of `run.completed`), as a part of a sentence; `null` where that is nothing. */
export function againstOutput(warnings: JsonValue | undefined): string | null {
  const [first, ...others] = (isList(warnings) ? warnings : [])
    .flatMap((warning) => (isObject(warning) && isList(warning["errors"]) ? warning["errors"] : []))
    .filter(isObject);
  if (!first) return null;
  const where = first["pointer"] ? `${first["pointer"]}: ` : "";
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return `its output does not match the workflow's schema: ${where}${first["message"]}${more}`;
}
