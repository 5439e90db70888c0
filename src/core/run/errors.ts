import type { JsonObject, JsonValue } from "../json.ts";
import type { EvaluationError } from "./questions.ts";
import type { StepError } from "./run.ts";

/** An error that no further attempt would mend. */
export function finalError(type: string, code: string, message: string, details?: JsonValue): StepError {
  return { type, code, message, retryable: false, ...(details === undefined ? {} : { details }) };
}

export function timeoutError(what: string, seconds: number): StepError {
  return {
    type: "timeout",
    code: "TIMEOUT",
    message: `${what} took longer than ${seconds} s`,
    retryable: true,
  };
}

/** What an expression's failure means for its state; `where` names the field, `text` is the expression. */
export function expressionError(where: string, text: string, error: EvaluationError): StepError {
  const place = error.line > 0 ? `${error.line}:${error.column}: ` : "";
  return finalError(
    "expression",
    codeOf(error),
    `${where}: ${place}${error.message}\n${caret(text, error)}`,
    {
      expression: text,
      line: error.line,
      column: error.column,
    },
  );
}

/** A path that leads nowhere: names what is there instead. */
export function missingPath(
  where: string,
  path: string,
  existing: string,
  names: readonly string[],
): StepError {
  const reached = existing === "" ? "nothing of it exists" : `"${existing}" exists, the rest does not`;
  const hint = names.length > 0 ? `; there are: ${names.join(", ")}` : "";
  return finalError("expression", "EXPRESSION_NAME", `${where}: "${path}" is not set: ${reached}${hint}`, {
    path,
    existing,
    names,
  });
}

function codeOf({ kind }: EvaluationError): string {
  switch (kind) {
    case "syntax":
      return "EXPRESSION_SYNTAX";
    case "name":
      return "EXPRESSION_NAME";
    case "eval":
      return "EXPRESSION_ERROR";
    case "result":
      return "EXPRESSION_RESULT";
    case "steps":
    case "memory":
    case "timeout":
      return "EXPRESSION_LIMIT";
    case "internal":
      return "EXPRESSION_INTERNAL";
  }
}

function caret(text: string, { line, column }: EvaluationError): string {
  const source = text.split("\n")[Math.max(line, 1) - 1] ?? "";
  return line > 0 && column > 0 ? `  ${source}\n  ${" ".repeat(column - 1)}^` : `  ${source}`;
}

/** The names of `errorNames`. */
export const ERROR_NAMES: ReadonlySet<string> = new Set([
  "error",
  "_error",
  "_errorMessage",
  "_errorType",
  "_errorStep",
]);

/** What an author can read about an error that was handled; the names with underscores are the older ones. */
export function errorNames({ code, message, type, state, attempt }: StepError): JsonObject {
  const value = { code, message, type, state: state ?? null, attempt: attempt ?? null };
  return {
    error: value,
    _error: value,
    _errorMessage: message,
    _errorType: type,
    _errorStep: state ?? null,
  };
}
