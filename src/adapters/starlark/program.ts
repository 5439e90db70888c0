import type { EvaluationError, Program } from "../../core/run/questions.ts";

/** A program with the paths of state results, which are part of what it means. Paths are lists of keys. */
export type Source = Program & {
  readonly stateResults: readonly (readonly string[])[];
  readonly key: string;
};

/** What the evaluator answers about one program: the value as JSON text. */
export type RawAnswer =
  | { readonly ok: true; readonly truth: boolean; readonly steps: number; readonly text: string }
  | { readonly ok: false; readonly error: EvaluationError };

/** The free names of a program, each with the constant paths below it; the empty path is the whole value. */
export type RawDescription = { readonly error?: EvaluationError; readonly names: readonly FreeName[] };

export type FreeName = {
  readonly name: string;
  /** A builtin stands in when there is no such data. */
  readonly builtin: boolean;
  readonly line: number;
  readonly column: number;
  readonly paths: readonly (readonly string[])[];
};

/** Programs over one context, to evaluate in order. */
export type Batch = {
  readonly sources: readonly Source[];
  readonly context: string;
  readonly steps: number;
  readonly until?: "first-true" | undefined;
};

/** Joins a program and its options; equal keys mean the same compiled program. */
export function toSources(programs: readonly Program[], stateResults: readonly string[]): Source[] {
  const paths = stateResults.map(toPath);
  const options = JSON.stringify(paths);
  return programs.map(({ mode, text }) => ({
    mode,
    text,
    stateResults: paths,
    key: `${mode}${options}${text}`,
  }));
}

function toPath(text: string): string[] {
  const keys = text.split(".");
  return keys[0] === "$" || keys[0] === "ctx" ? keys.slice(1) : keys;
}

/** An error without a position. */
export function errorOf(
  kind: EvaluationError["kind"],
  message: string,
): { ok: false; error: EvaluationError } {
  return { ok: false, error: { kind, message, line: 0, column: 0 } };
}

/** Whether a batch stops after this answer. */
export function isLast(until: Batch["until"], answer: RawAnswer): boolean {
  return until === "first-true" && answer.ok && answer.truth;
}
