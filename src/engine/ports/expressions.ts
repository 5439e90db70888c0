import type { Evaluation, Program, Scope } from "../../core/run/questions.ts";

export type Expressions = {
  /** One round trip for all programs over one scope; never rejects because of an expression. */
  evaluate(
    programs: readonly Program[],
    scope: Scope,
    options?: { readonly until?: "first-true" },
  ): Promise<readonly Evaluation[]>;
  /** Compiles only: a syntax error with its place, or the free names with the constant paths below them. */
  describe(
    programs: readonly Program[],
    options?: { readonly stateResults?: readonly string[] },
  ): Promise<readonly Description[]>;
  close(): Promise<void>;
};

export type Description = {
  readonly error?: {
    readonly kind: string;
    readonly message: string;
    readonly line: number;
    readonly column: number;
  };
  readonly names: readonly {
    readonly name: string;
    readonly line: number;
    readonly column: number;
    readonly paths: readonly string[];
  }[];
  readonly usesCtx: boolean;
};
