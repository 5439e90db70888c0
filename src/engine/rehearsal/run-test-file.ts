import {
  type Diagnostic,
  hasErrors,
  type Locate,
  type Place,
  placed,
} from "../../core/definition/diagnostic.ts";
import { isObject, type JsonValue } from "../../core/json.ts";
import type { Mismatch } from "../../core/rehearsal/compare.ts";
import { readTestFile } from "../../core/rehearsal/test-file.ts";
import { TEST_FILE_SCHEMA } from "../../core/rehearsal/test-file-schema.ts";
import type { DefinitionReader, DefinitionSource } from "../ports/definitions.ts";
import type { SchemaError } from "../ports/schemas.ts";
import type { RehearsalPorts } from "./rehearse.ts";
import { runTest, type TestResult } from "./run-test.ts";

export type TestFilePorts = RehearsalPorts & {
  readonly definitions: DefinitionReader;
  /** Parses YAML or JSON into a value that knows where everything stood. */
  readonly parse: (source: DefinitionSource) => {
    readonly value?: JsonValue;
    readonly diagnostics: readonly Diagnostic[];
    readonly locate: Locate;
  };
  readonly now: () => number;
};

/** The text of a workflow and the environment whose agents it calls. */
export type TestedWorkflow = { readonly source: DefinitionSource; readonly environment: string };

export type TestFileResult = {
  /** Why no test could be run; empty when they were. */
  readonly diagnostics: readonly (Diagnostic & { readonly file: string })[];
  readonly tests: readonly PlacedTestResult[];
};

/** A test's result whose mismatches know where they stand in the file. */
export type PlacedTestResult = Omit<TestResult, "mismatches"> & {
  readonly mismatches: readonly (Mismatch & Place)[];
};

/**
 * Runs every test of a file, one after the other. `find` answers the workflow under test for what the file names, or
 * for `null` the one beside it. `only` tests whose name contains that are run.
 */
export async function runTestFile(
  ports: TestFilePorts,
  source: DefinitionSource,
  find: (workflow: string | null) => Promise<TestedWorkflow>,
  { only = "" }: { readonly only?: string } = {},
): Promise<TestFileResult> {
  const { value, diagnostics, locate } = ports.parse(source);
  const broken = (found: readonly Diagnostic[], { file } = source): TestFileResult => ({
    diagnostics: found.map((one) => ({ ...one, file })),
    tests: [],
  });
  if (value === undefined) return broken(diagnostics);
  const shape = ports.schemas.validate(TEST_FILE_SCHEMA, value);
  if (!shape.valid || !isObject(value)) return broken(placed((shape.errors ?? []).map(issueOf), locate));
  const { file, issues } = readTestFile(value);
  if (issues.length > 0) return broken(placed(issues, locate));
  const { source: workflow, environment } = await find(file.workflow);
  const { definition, diagnostics: found } = ports.definitions.read(workflow);
  if (!definition || hasErrors(found)) return broken(found.filter(isError), workflow);
  const tests: PlacedTestResult[] = [];
  for (const test of file.tests.filter(({ name }) => name.includes(only))) {
    const result = await runTest(ports, { definition, environment }, test);
    const mismatches = result.mismatches.map((one) => ({ ...one, ...locate(one.pointer) }));
    tests.push({ ...result, mismatches });
  }
  return { diagnostics: [], tests };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

function issueOf({ pointer, keyword, message, hint }: SchemaError) {
  return {
    code:
      keyword === "additionalProperties"
        ? "UNKNOWN_KEY"
        : keyword === "required"
          ? "MISSING_KEY"
          : "INVALID_VALUE",
    severity: "error",
    path: pointer,
    message,
    ...(keyword === "additionalProperties" ? { on: "key" as const } : {}),
    ...(hint !== undefined && { hint }),
  } as const;
}
