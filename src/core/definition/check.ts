import type { JsonValue } from "../json.ts";
import { type Diagnostic, hasErrors, type Locate, placed } from "./diagnostic.ts";
import { normalise } from "./normalise.ts";
import type { Definition } from "./types.ts";
import { validate } from "./validate.ts";

/** The canonical definition of what an author wrote, unless something stands in its way, and all that can be said. */
export function checkDefinition(
  value: JsonValue,
  locate: Locate,
): { readonly definition: Definition | null; readonly diagnostics: readonly Diagnostic[] } {
  const { draft, issues } = normalise(value);
  const diagnostics = placed(
    [...issues, ...(draft ? validate(draft, { flow: !hasErrors(issues) }) : [])],
    locate,
  );
  return { definition: hasErrors(diagnostics) ? null : draft, diagnostics };
}
