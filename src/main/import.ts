import { stringify } from "yaml";
import { parseSource } from "../adapters/files/yaml.ts";
import type { ImportDocument } from "../cli/deps.ts";
import { type Diagnostic, hasErrors, placed } from "../core/definition/diagnostic.ts";
import { importDocument } from "../core/import/document.ts";
import { checkDefinitionOnly } from "../engine/publish-workflow.ts";
import { type CheckSettings, openCheckPorts } from "./check.ts";

/** Translates a foreign document, and checks that what comes of it is a workflow that Station would take. */
export function createImport(files: CheckSettings): ImportDocument {
  return async ({ text, format, file }) => {
    const { value, diagnostics, locate } = parseSource(text, format);
    const refused = (found: readonly Diagnostic[], where = file, source = text) => ({
      yaml: null,
      workflow: null,
      diagnostics: found.map((one) => ({ ...one, file: where, text: source })),
    });
    if (value === undefined) return refused(diagnostics);
    const { workflow, issues } = importDocument(value);
    if (hasErrors(issues)) return refused(placed(issues, locate));
    const yaml = `# From ${file}, by stn import. \`set\` adds to the context here instead of replacing it.\n${stringify(workflow, { lineWidth: 100 })}`;
    const source = { text: yaml, format: "yaml", file: "the translation" } as const;
    const { errors } = await checkDefinitionOnly(openCheckPorts(files), source);
    return errors.length > 0 ? refused(errors, source.file, yaml) : { yaml, workflow, diagnostics: [] };
  };
}
