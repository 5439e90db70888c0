import type { Call, CallProgress } from "../../core/agent/agent-run.ts";
import type { Redact } from "../../core/agent/redact.ts";
import { MAX_TOOL_TEXT } from "../../core/agent/rules.ts";
import type { BoundTool } from "../../core/agent/tools.ts";
import { plainText } from "../../core/plain-text.ts";
import type { Means } from "./means.ts";
import type { Session } from "./session.ts";

/** More characters than a secret has. */
const LONGEST_SECRET = 10_000;
/** How long one call of a tool may take. */
const CALL_TIMEOUT_MS = 120_000;

/** What a call of a tool came to. */
export type ToolCalled =
  | { readonly status: "answered"; readonly call: Call }
  /** It was sent, and nobody knows whether it took effect: it stays under way until the rules say what follows. */
  | { readonly status: "unknown"; readonly reason: string }
  /** Cut off with the whole agent: whoever continues has to find out. */
  | { readonly status: "cut-off" };

/** Calls a tool of an MCP server. */
export async function callTool(
  means: Means,
  session: Session,
  call: Call,
  tool: Extract<BoundTool, { kind: "mcp" }>,
): Promise<ToolCalled> {
  const answered = (answer: { readonly text: string; readonly isError: boolean }): ToolCalled => ({
    status: "answered",
    call: done(means, call, answer),
  });
  const check = means.schemas.validate(tool.inputSchema, call.args);
  if (!check.valid) {
    const errors = check.errors.map(
      ({ pointer, message }) => `${pointer === "" ? "the arguments" : pointer}: ${message}`,
    );
    return answered({
      text: `The arguments do not match the tool's schema: ${errors.join("; ")}`,
      isError: true,
    });
  }
  const { server, name, alias, description, inputSchema } = tool;
  const outcome = await means.tools.call(
    {
      environment: session.agent.environment,
      server,
      name,
      alias,
      description,
      inputSchema,
      annotations: {},
    },
    {
      args: call.args,
      idempotencyKey: `${session.run.id}:${call.id}`,
      signal: session.signal,
      timeoutMs: CALL_TIMEOUT_MS,
    },
  );
  if (outcome.status === "answered")
    return answered({ text: readable(outcome.text, means.redact), isError: outcome.isError });
  if (session.signal.aborted) return { status: "cut-off" };
  const reason = means.redact(outcome.reason);
  switch (outcome.status) {
    case "not-sent":
      return answered({ text: `The tool could not be reached: ${reason}`, isError: true });
    case "unknown":
      means.log.warn("outcome of a tool call is unknown", {
        agent_run_id: session.run.id,
        call_id: call.id,
        tool: `${server}.${name}`,
        reason,
      });
      return { status: "unknown", reason };
  }
}

/** A call with its answer. */
export function done(
  { clock }: Pick<Means, "clock">,
  call: Call,
  answer: Omit<Extract<CallProgress, { status: "done" }>, "status" | "at" | "startedAt">,
): Call {
  const startedAt = call.progress.status === "started" ? call.progress.at : null;
  return {
    ...call,
    progress: { status: "done", at: clock.now(), startedAt, ...answer, text: plainText(answer.text) },
  };
}

/** As much of an answer as a model is told, without secrets and without halves of characters, which providers refuse. */
function readable(text: string, redact: Redact): string {
  if (text.length <= MAX_TOOL_TEXT) return redact(text).toWellFormed();
  // Hidden before it is cut: the beginning of a secret would not be known again.
  const looked = text.slice(0, MAX_TOOL_TEXT + LONGEST_SECRET);
  const hidden = redact(looked);
  const whole = hidden.length - (looked.length < text.length ? LONGEST_SECRET : 0);
  const told = hidden.slice(0, Math.min(MAX_TOOL_TEXT, whole)).toWellFormed();
  return `${told}\n[cut: ${text.length - told.length} of ${text.length} characters]`;
}
