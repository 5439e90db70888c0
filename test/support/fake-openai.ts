import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../src/core/json.ts";

/** What a provider is asked, as far as tests look. */
export type Asked = {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: unknown;
    readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string } }[];
    readonly tool_call_id?: string;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly response_format?: JsonObject;
};

/** What the fake provider does with one request. */
export type Reaction = { readonly delayMs?: number } & (
  | { readonly text: string; readonly finish?: string }
  | { readonly calls: readonly (readonly [tool: string, args: JsonObject | string])[] }
  | { readonly status: number; readonly body: JsonObject | string; readonly headers?: Record<string, string> }
  /** Answers nothing until the client goes away. */
  | { readonly hangs: true }
  /** Cuts the connection. */
  | { readonly drops: true }
);

export type FakeOpenAi = {
  /** With `/v1`, for `STATION_AI_BASE_URL`. */
  readonly url: string;
  readonly asked: Asked[];
  /** Requests whose client went away before they were answered. */
  readonly aborted: { count: number };
  react(reaction: (asked: Asked, nth: number) => Reaction): void;
  close(): Promise<void>;
};

/** A server that answers as OpenAI's chat completions do: the real client, the real wire, no model. */
export async function startFakeOpenAi(first: (asked: Asked, nth: number) => Reaction): Promise<FakeOpenAi> {
  const asked: Asked[] = [];
  const aborted = { count: 0 };
  let reaction = first;
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) aborted.count++;
    });
    void bodyOf(request).then(async (body) => {
      const one = JSON.parse(body) as Asked;
      asked.push(one);
      const reacted = reaction(one, asked.length);
      if (reacted.delayMs) await new Promise((resolve) => setTimeout(resolve, reacted.delayMs));
      answer(request, response, one, reacted, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    aborted,
    react(next) {
      reaction = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
  reaction: Reaction,
  nth: number,
) {
  if ("hangs" in reaction) return;
  if ("drops" in reaction) {
    request.socket.destroy();
    return;
  }
  if ("status" in reaction) {
    const text = typeof reaction.body === "string" ? reaction.body : JSON.stringify(reaction.body);
    response
      .writeHead(reaction.status, { "content-type": "application/json", ...reaction.headers })
      .end(text);
    return;
  }
  const calls = "calls" in reaction ? reaction.calls : [];
  const message = {
    role: "assistant",
    content: "text" in reaction ? reaction.text : null,
    ...(calls.length > 0
      ? {
          tool_calls: calls.map(([name, args], index) => ({
            id: `call_${nth}_${index}`,
            type: "function",
            function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
          })),
        }
      : {}),
  };
  const finish = "text" in reaction ? (reaction.finish ?? "stop") : "tool_calls";
  const completion = {
    id: `chatcmpl-${nth}`,
    object: "chat.completion",
    created: 1_700_000_000,
    model: asked.model,
    choices: [{ index: 0, message, finish_reason: finish }],
    usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(completion));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
