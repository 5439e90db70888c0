import { type AskedCall, NO_USAGE, type Reply } from "../../src/core/agent/agent-run.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { StepError } from "../../src/core/run/run.ts";
import { ModelFailure, type Models, type TurnRequest } from "../../src/engine/ports/agents.ts";

/** One turn of a test's model. */
export type Said =
  | ({ readonly text: string; readonly finish?: string } & Spending)
  | ({ readonly calls: readonly AskedFor[] } & Spending)
  | { readonly error: StepError };

/** A string: arguments that are no JSON. */
type AskedFor = readonly [tool: string, args: JsonObject | string];

type Spending = { readonly tokens?: number; readonly costUsd?: number };

/** Models of a test: each agent's turns in order, whatever it is told; every request is kept. */
export function memoryModels(turns: Readonly<Record<string, readonly Said[]>>, isPriced = true) {
  const asked: { readonly agent: string; readonly request: TurnRequest }[] = [];
  let ids = 0;
  const models: Models = {
    open: ({ name }) => ({
      ok: true,
      model: {
        id: "test/model",
        isReal: true,
        isWorthKeeping: true,
        isPriced,
        async turn(request) {
          const before = request.messages.filter(({ role }) => role === "model").length;
          asked.push({ agent: name, request });
          const failures = asked.filter((one) => one.agent === name).length - 1;
          const list = turns[name] ?? [];
          const said = list.filter((one) => !("error" in one))[before];
          const error = list[failures];
          if (error && "error" in error) throw new ModelFailure(error.error);
          if (!said) throw new Error(`the model of "${name}" has nothing to say in turn ${before + 1}`);
          return replyOf(said, () => `call_${++ids}`);
        },
      },
    }),
    problem: () => null,
  };
  return { models, asked };
}

function askedFor(id: string, tool: string, args: JsonObject | string): AskedCall {
  return typeof args === "string" ? { id, tool, args: { value: args }, isGarbled: true } : { id, tool, args };
}

function replyOf(said: Said, id: () => string): Reply {
  const { tokens = 0, costUsd = 0 }: Spending = "error" in said ? {} : said;
  const calls = "calls" in said ? said.calls.map(([tool, args]) => askedFor(id(), tool, args)) : [];
  return {
    text: "text" in said ? said.text : "",
    calls,
    finish: calls.length > 0 ? "tool-calls" : "finish" in said ? (said.finish ?? "stop") : "stop",
    usage: { ...NO_USAGE, inputTokens: tokens, costUsd },
    raw: null as JsonValue,
    modelId: "test/model",
  };
}
