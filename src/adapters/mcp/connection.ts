import {
  Client,
  type ClientOptions,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Tool,
  type Transport,
} from "@modelcontextprotocol/client";
import type { JsonObject } from "../../core/json.ts";
import type { ToolOutcome } from "../../engine/ports/tools.ts";
import { answerOf } from "./answer.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { lenient } from "./lenient.ts";
import type { ResolvedServer } from "./resolve-server.ts";
import { MAX_MESSAGE_BYTES, plain, StdioTransport } from "./stdio-transport.ts";

/** One live connection to a server. */
export type Connection = {
  /** Protocol version, and the process where there is one. */
  readonly about: { readonly protocol: string | null; readonly pid: number | null };
  /** Every page of the server's list. */
  listTools(signal: AbortSignal): Promise<readonly Tool[]>;
  call(tool: Tool, call: Call): Promise<Called>;
  /** Whether a local server still answers at all; one at an address is asked by the next call. */
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
};

export type Call = {
  readonly args: JsonObject;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** How long the server may be silent; with progress it may take five times as long. */
  readonly timeoutMs: number;
  readonly onProgress?: (progress: Progress) => void;
};

export type Progress = {
  readonly progress: number;
  readonly total: number | null;
  readonly message: string | null;
};

/** `session-lost`: the server does not know this connection (any more) and did nothing. */
export type Called = ToolOutcome | { readonly status: "session-lost" };

export type Listeners = {
  /** The server's list of tools is another one now. */
  readonly onListChanged: () => void;
  /** The connection has ended, whoever ended it; `reason` shows no secret. */
  readonly onClose: (reason: string) => void;
};

/** A program may have to be downloaded before it starts (`npx`, `uvx`, `docker run`). */
const CONNECT_TIMEOUT_MS = { stdio: 120_000, http: 30_000 };
const LIST_TIMEOUT_MS = 30_000;
const PING_TIMEOUT_MS = 5_000;
/** With progress a call may take this many times its timeout. */
const TOTAL = 5;

/** Connects and shakes hands; rejects with a message that shows no secret and holds the server's last words. */
export async function connect(
  server: ResolvedServer,
  { onListChanged, onClose }: Listeners,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<Connection> {
  const transport = transportOf(server);
  hearLeniently(transport);
  const options: ClientOptions = {
    capabilities: {},
    // One more process only to ask would double the time a local server takes to be ready.
    versionNegotiation: { mode: server.target.kind === "stdio" ? "legacy" : "auto" },
    listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: onListChanged } },
  };
  const sdk = new Client({ name: "station", version }, options);
  // Out of the ordinary, and not the end: noise on stdout, a stream that is opened again. Calls learn of the rest.
  sdk.onerror = () => {};
  const lastWords = () => (transport instanceof StdioTransport ? transport.lastWords(server.redact) : "");
  const giveUp = () => void transport.close();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await sdk.connect(transport, { timeout: CONNECT_TIMEOUT_MS[server.target.kind] });
  } catch (error) {
    await sdk.close().catch(() => {});
    await transport.close().catch(() => {});
    throw new Error(server.redact(connectFailure(error, server, lastWords())));
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  sdk.onclose = () => onClose(lastWords() || "the connection was closed");
  return {
    about: {
      protocol: sdk.getNegotiatedProtocolVersion() ?? null,
      pid: transport instanceof StdioTransport ? transport.pid : null,
    },
    async listTools(signal) {
      if (!sdk.getServerCapabilities()?.tools) return []; // the SDK would say so on stdout
      try {
        const { tools } = await sdk.listTools(undefined, { signal, timeout: LIST_TIMEOUT_MS });
        return tools;
      } catch (error) {
        if (signal.aborted) throw error;
        throw new Error(server.redact(`it does not list its tools: ${reasonOf(error, lastWords())}`));
      }
    },
    async call(tool, { args, idempotencyKey, signal, timeoutMs, onProgress }) {
      // Its results are checked where they are used; refusing one here would hide that the tool did its work.
      const { outputSchema: _, ...toolDefinition } = tool;
      try {
        const result = await sdk.callTool(
          {
            name: tool.name,
            arguments: args,
            _meta: { "station/idempotencyKey": idempotencyKey },
          },
          {
            signal,
            timeout: timeoutMs,
            resetTimeoutOnProgress: true,
            maxTotalTimeout: timeoutMs * TOTAL,
            toolDefinition,
            onprogress: ({ progress, total, message }) =>
              onProgress?.({ progress, total: total ?? null, message: message ?? null }),
          },
        );
        return answerOf(result, server.redactAnswer);
      } catch (error) {
        return failureOf(error, { server, signal, timeoutMs, lastWords });
      }
    },
    async isAlive() {
      if (server.target.kind !== "stdio") return true;
      return sdk.ping({ timeout: PING_TIMEOUT_MS }).then(
        () => true,
        () => false,
      );
    },
    async close() {
      sdk.onclose = () => {};
      if (transport instanceof StreamableHTTPClientTransport)
        // So that the server need not keep the session until it forgets it; old servers do not know how.
        await withinMs(2000, transport.terminateSession()).catch(() => {});
      await sdk.close().catch(() => {});
      await transport.close().catch(() => {});
    },
  };
}

function transportOf({ target }: ResolvedServer): StdioTransport | StreamableHTTPClientTransport {
  if (target.kind === "stdio") return new StdioTransport(target);
  return new StreamableHTTPClientTransport(target.url, {
    requestInit: { headers: { ...target.headers } },
    fetch: boundedFetch(MAX_MESSAGE_BYTES),
  });
}

/** Whoever listens to a transport hears its answers as they are meant, from the first one on. */
function hearLeniently(transport: Transport): void {
  let hear: Transport["onmessage"];
  Object.defineProperty(transport, "onmessage", {
    get: () => hear,
    set(listener: Transport["onmessage"]) {
      hear = listener && ((message, extra) => listener(lenient(message), extra));
    },
  });
}

type FailedCall = {
  readonly server: ResolvedServer;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly lastWords: () => string;
};

function failureOf(error: unknown, { server, signal, timeoutMs, lastWords }: FailedCall): Called {
  const unknown = (reason: string): Called => ({ status: "unknown", reason: server.redact(reason) });
  const notSent = (reason: string): Called => ({
    status: "not-sent",
    code: "mcp_unavailable",
    reason: server.redact(`MCP server "${server.name}" is not available: ${reason}`),
    retryable: true,
  });
  // The SDK reports an abort as a timeout: this must be asked first.
  if (signal.aborted) return unknown(`the call was cancelled: ${reasonOf(signal.reason, "")}`);
  if (error instanceof SdkHttpError) {
    if (isSessionLost(error)) return { status: "session-lost" };
    const { status } = error;
    // Refused by what stands before the tool: 4xx says so, 503 too. Any other 5xx may come from behind it.
    if ((status >= 400 && status < 500) || status === 503) return notSent(httpReason(error));
    return unknown(`the server answered HTTP ${status}`);
  }
  if (error instanceof SdkError)
    switch (error.code) {
      case SdkErrorCode.RequestTimeout:
        return unknown(timedOut(error, timeoutMs));
      case SdkErrorCode.NotConnected:
        return notSent(lastWords() || "it is not connected");
      case SdkErrorCode.ConnectionClosed:
        return unknown(`the server went away before it answered${suffix(lastWords())}`);
      // It has spoken, so what it did is no secret: it must not be made to do it again.
      case SdkErrorCode.InvalidResult:
        return { status: "answered", text: server.redactAnswer(unreadable(error)), isError: true };
      default:
        return unknown(reasonOf(error, ""));
    }
  if (neverLeft(error)) return notSent(reasonOf(error, ""));
  // A JSON-RPC error is an answer: the server refused the arguments or does not know the tool.
  if (isProtocolError(error))
    return { status: "answered", text: server.redactAnswer(messageOf(error)), isError: true };
  return unknown(reasonOf(error, lastWords()));
}

function unreadable({ message }: SdkError): string {
  return `the tool has answered, but not as the protocol wants it, and its answer was not read: ${wordsOf(message)}`;
}

function timedOut({ message, data }: SdkError, timeoutMs: number): string {
  const total = /total/i.test(message);
  const waited = total ? timeoutMs * TOTAL : timeoutMs;
  const detail =
    typeof data === "object" && data !== null && "timeout" in data ? Number(data.timeout) : waited;
  return `no answer within ${Math.round(detail / 100) / 10} s${total ? ", although there was progress" : ""}`;
}

/** The specification says 404; servers of the first SDK say 400. */
function isSessionLost({ status, message }: SdkHttpError): boolean {
  return status === 404 || (status === 400 && /session/i.test(message));
}

function connectFailure(error: unknown, { target }: ResolvedServer, lastWords: string): string {
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return `it did not shake hands within ${CONNECT_TIMEOUT_MS[target.kind] / 1000} s${suffix(lastWords)}`;
  if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)
    return lastWords || "it closed the connection while shaking hands";
  if (error instanceof SdkHttpError && (error.status === 404 || error.status === 405))
    return `${httpReason(error)}: nobody speaks streamable HTTP at this address (it often ends in /mcp; the older transport, often at /sse, is not spoken)`;
  return reasonOf(error, lastWords);
}

function reasonOf(error: unknown, lastWords: string): string {
  if (error instanceof SdkHttpError) return httpReason(error);
  return `${messageOf(error)}${suffix(lastWords)}`;
}

function httpReason({ status, data }: SdkHttpError): string {
  const said = suffix(wordsOf(String(data["text"] ?? "").slice(0, 10 * MAX_WORDS)));
  if (status === 401) return `it wants to know who is calling (HTTP 401): check its headers${said}`;
  if (status === 403) return `it does not allow this (HTTP 403)${said}`;
  return `it answered HTTP ${status}${said}`;
}

/** How much is shown of what a server says. */
const MAX_WORDS = 300;

/** What an error says: the message of one in JSON. A page for browsers says nothing. */
function wordsOf(body: string): string {
  if (/^\s*</.test(body)) return "";
  const [, message = body] = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body) ?? [];
  return plain(message).slice(0, MAX_WORDS);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const deeper = cause instanceof Error ? (codeOf(cause) ?? cause.message) : null;
  return deeper === null || error.message.includes(deeper) ? error.message : `${error.message}: ${deeper}`;
}

/** No connection came about, so nothing was sent. */
function neverLeft(error: unknown): boolean {
  const codes = [
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "UND_ERR_CONNECT_TIMEOUT",
  ];
  for (let one = error; one instanceof Error; one = one.cause)
    if (codes.includes(codeOf(one) ?? "")) return true;
  return false;
}

function codeOf(error: Error): string | null {
  return "code" in error && typeof error.code === "string" ? error.code : null;
}

function isProtocolError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}

function suffix(lastWords: string): string {
  return lastWords === "" ? "" : ` (${lastWords})`;
}

async function withinMs(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
