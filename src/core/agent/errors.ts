import type { JsonValue } from "../json.ts";
import { finalError } from "../run/errors.ts";
import type { StepError } from "../run/run.ts";

/** An agent's failure that no further attempt would mend. */
export function agentError(code: string, message: string, details?: JsonValue): StepError {
  return finalError("agent_error", code, message, details);
}
