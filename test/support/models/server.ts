import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";

/** What a model is asked, whatever its provider's form of it; OpenAI's words. */
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
  /** True when the answer is to come piece by piece. */
  readonly streams: boolean;
};

/** What can go wrong at a provider; each says it in its own way. */
export type Failure =
  | "rate limit"
  | "quota"
  | "unavailable"
  | "overloaded"
  | "timeout"
  | "conflict"
  | "unauthorized"
  | "forbidden"
  | "not found"
  | "bad request"
  | "prompt too long";

/** What a model says. */
export type Said = {
  readonly text?: string;
  readonly calls?: readonly (readonly [tool: string, args: JsonObject | string])[];
  /** Said to itself before, and given back to it unchanged. */
  readonly thought?: string;
  readonly finish?: "stop" | "length" | "refused";
};

/** What the server does with one request. */
export type Reaction = { readonly delayMs?: number } & (
  | (Said & {
      /** After its first piece, the answer goes on when this resolves. */
      readonly holds?: Promise<void>;
      /** How it ends before it is complete. */
      readonly breaksOff?: "closes" | "drops" | "overloaded";
    })
  | { readonly fails: Failure; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly status: number;
      readonly body: JsonObject | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Answers nothing until the client goes away. */
  | { readonly hangs: true }
  /** Cuts the connection. */
  | { readonly drops: true }
);

export type React = (asked: Asked, nth: number) => Reaction | Promise<Reaction>;

/** How one provider speaks. */
export type Dialect = {
  /** What its base URL ends in. */
  readonly path: string;
  /** Reads a request as strictly as the provider does. */
  read(request: WireRequest): Read;
  whole(said: Said, asked: Asked, nth: number): JsonObject;
  /** The same as server-sent events. */
  pieces(said: Said, asked: Asked, nth: number): readonly string[];
  failure(failure: Failure): { readonly status: number; readonly body: JsonObject };
  /** How an answer under way says that it goes no further. */
  midway: string;
};

export type WireRequest = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonObject;
};

export type Read =
  | { readonly ok: true; readonly asked: Asked }
  | { readonly ok: false; readonly status: number; readonly body: JsonObject };

export type ModelServer = {
  /** As the provider's base URL. */
  readonly url: string;
  readonly asked: Asked[];
  /** What was asked in a way that the provider does not take. */
  readonly refused: JsonValue[];
  /** Requests whose client went away before they were answered. */
  readonly aborted: { count: number };
  react(reaction: React): void;
  close(): Promise<void>;
};

/** A server that speaks as a provider does: the real client, the real wire, no model. */
export async function startModelServer(dialect: Dialect, first: React): Promise<ModelServer> {
  const asked: Asked[] = [];
  const refused: JsonValue[] = [];
  const aborted = { count: 0 };
  let reaction = first;
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) aborted.count++;
    });
    void textOf(request).then(async (text) => {
      const body = JSON.parse(text) as JsonObject;
      const read = dialect.read({ path: request.url ?? "", headers: request.headers, body });
      if (!read.ok) {
        refused.push(read.body);
        json(response, read.status, read.body);
        return;
      }
      asked.push(read.asked);
      const reacted = await reaction(read.asked, asked.length);
      if (reacted.delayMs) await delay(reacted.delayMs);
      await answer(dialect, response, read.asked, reacted, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${dialect.path}`,
    asked,
    refused,
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

async function answer(
  dialect: Dialect,
  response: ServerResponse,
  asked: Asked,
  reaction: Reaction,
  nth: number,
): Promise<void> {
  if ("hangs" in reaction) return;
  if ("drops" in reaction) {
    response.socket?.destroy();
    return;
  }
  if ("fails" in reaction) {
    const { status, body } = dialect.failure(reaction.fails);
    json(response, status, body, reaction.headers);
    return;
  }
  if ("status" in reaction) {
    json(response, reaction.status, reaction.body, reaction.headers);
    return;
  }
  if (!asked.streams) {
    json(response, 200, dialect.whole(reaction, asked, nth));
    return;
  }
  const pieces = dialect.pieces(reaction, asked, nth);
  const { holds, breaksOff } = reaction;
  response.writeHead(200, { "content-type": "text/event-stream" });
  // A model that speaks has said something before it breaks off.
  const half = Math.ceil(pieces.length / 2);
  response.write(pieces.slice(0, half).join(""));
  await holds;
  if (breaksOff === "drops") response.socket?.destroy();
  else if (breaksOff === "closes") response.end();
  else if (breaksOff === "overloaded") response.end(dialect.midway);
  else response.end(pieces.slice(half).join(""));
}

function json(
  response: ServerResponse,
  status: number,
  body: JsonObject | string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}

/** One server-sent event; without a name it is a plain message. */
export function sse(data: JsonObject | string, event?: string): string {
  const named = event === undefined ? "" : `event: ${event}\n`;
  return `${named}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** A text word by word. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

async function textOf(request: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
