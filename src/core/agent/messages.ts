import type { JsonValue } from "../json.ts";
import type { AgentRun, AskedCall, Call, PromptMessage } from "./agent-run.ts";

/** A conversation as every provider's client is told it. */
export type ChatMessage =
  | PromptMessage
  | {
      readonly role: "model";
      readonly text: string;
      readonly calls: readonly AskedCall[];
      readonly raw: JsonValue;
      readonly modelId: string;
    }
  | {
      readonly role: "tools";
      readonly results: readonly {
        readonly callId: string;
        readonly tool: string;
        readonly text: string;
        readonly isError: boolean;
      }[];
    };

/** What the model has to be told to go on: the prompt, its own turns word for word, and what its calls came to. */
export function conversationOf(run: Pick<AgentRun, "prompt" | "turns" | "calls">): readonly ChatMessage[] {
  const messages: ChatMessage[] = [...run.prompt];
  for (const { seq, ask, reply } of run.turns) {
    if (ask !== null) messages.push({ role: "user", text: ask });
    const calls = run.calls.filter(({ turn }) => turn === seq);
    messages.push({
      role: "model",
      text: reply.text,
      calls: reply.calls,
      raw: reply.raw,
      modelId: reply.modelId,
    });
    if (calls.length > 0)
      messages.push({
        role: "tools",
        results: calls.map((call, index) => resultOf(call, reply.calls[index]?.id)),
      });
  }
  return messages;
}

/** The provider knows a call by the id it gave it itself. */
function resultOf({ id, tool, args, decision, progress }: Call, given: string | undefined) {
  const { text, isError } =
    progress.status === "done" ? progress : { text: "There is no result yet.", isError: true };
  const note =
    decision?.originalArgs && decision.approved
      ? `(${decision.by} changed the arguments to ${JSON.stringify(args)}.)\n`
      : "";
  return { callId: given === undefined || given === "" ? id : given, tool, text: `${note}${text}`, isError };
}
