import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { type FileFindings, nameOfCode } from "./frame.ts";

/** Findings as a SARIF 2.1.0 log (OASIS): what code scanning of GitHub, GitLab and editors reads. */
export function sarifLog(files: readonly FileFindings[], version: string) {
  const rules = [
    ...new Set(files.flatMap(({ diagnostics }) => diagnostics.map((one) => nameOfCode(one)))),
  ].sort();
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "stn validate",
            semanticVersion: version,
            rules: rules.map((id) => ({ id, shortDescription: { text: `${id.replaceAll("-", " ")}.` } })),
          },
        },
        columnKind: "utf16CodeUnits",
        artifacts: files.map(({ file }) => ({ location: locationOf(file) })),
        results: files.flatMap(({ file, diagnostics }, index) =>
          diagnostics.map((one) => ({
            ruleId: nameOfCode(one),
            ruleIndex: rules.indexOf(nameOfCode(one)),
            level: one.severity,
            message: { text: one.hint ? `${one.message} (${one.hint})` : one.message },
            locations: [
              {
                physicalLocation: { artifactLocation: { ...locationOf(file), index }, region: regionOf(one) },
                logicalLocations: [{ fullyQualifiedName: one.path, kind: "member" }],
              },
            ],
          })),
        ),
      },
    ],
  };
}

/** Relative to wherever the repository is checked out; a file elsewhere by its whole address. */
function locationOf(file: string): { readonly uri: string; readonly uriBaseId?: string } {
  const uri = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return uri.startsWith("/") ? { uri: `file://${uri}` } : { uri, uriBaseId: "%SRCROOT%" };
}

function regionOf({ line, column, endColumn }: Diagnostic) {
  return { startLine: line, startColumn: column, ...(endColumn !== undefined && { endColumn }) };
}
