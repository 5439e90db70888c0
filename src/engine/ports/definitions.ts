import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import type { Definition } from "../../core/definition/types.ts";

/** Reads a workflow file: parsed, brought into canonical form and checked as far as the text alone allows. */
export type DefinitionReader = {
  read(source: DefinitionSource): {
    /** `null` when the text is too broken to be understood. */
    readonly definition: Definition | null;
    readonly diagnostics: readonly Diagnostic[];
    /** Line and column (from 1) of a JSON pointer into the author's text. */
    readonly locate: (pointer: string) => { readonly line: number; readonly column: number };
  };
};

/** The files of `environments/<name>/`. */
export type EnvironmentFiles = {
  list(): Promise<readonly string[]>;
  /**
   * Every agent, MCP server and workflow file, those of installed bundles too; one that cannot be read is listed with
   * its problem.
   */
  read(environment: string): Promise<readonly EnvironmentFile[]>;
  /** The paths of the deployment's own files, tests included. */
  own(environment: string): Promise<readonly string[]>;
};

/** `path` is relative to the environment, with `/`. */
export type EnvironmentFile = {
  readonly kind: "agent" | "mcp-server" | "workflow";
  readonly path: string;
} & ({ readonly text: string } | { readonly problem: Diagnostic });

export type DefinitionSource = {
  readonly text: string;
  readonly format: "yaml" | "json";
  /** For messages: a file's path within its environment, or `request`. */
  readonly file: string;
};
