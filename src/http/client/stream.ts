import type { AgentProgress } from "../../engine/ports/agents.ts";
import type { RunEventItem } from "../schemas/runs.ts";
import { ApiError, errorOf, isFromElsewhere, isOf, Unreachable } from "./errors.ts";
import type { Send } from "./send.ts";
import { HEARTBEAT_MS, patience } from "./silence.ts";
import { parseEventStream } from "./sse-parser.ts";

export type StreamOptions = {
  /** The `seq` of the last event that is known already. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** A connection on which nothing comes for so long is taken for dead, and another is made; three signs of life. */
  readonly silenceMs?: number;
  /** Everything up to now was handed out; what follows is live. Once. */
  readonly onCaughtUp?: () => void;
  /** What agents are doing meanwhile; a reconnect may miss some of it. */
  readonly onProgress?: (progress: Progress) => void;
  /** The connection broke and is tried again after `inMs`; `error` is null when the server closed it in order. */
  readonly onReconnect?: (retry: { readonly inMs: number; readonly error: Error | null }) => void;
};

/** What an agent is doing: `agent.turn`, `agent.tool`, `agent.text`. */
export type Progress = Told<AgentProgress>;
type Told<One> = One extends unknown ? Omit<One, "at"> & { readonly at: string } : never;

const PROGRESS: ReadonlySet<string> = new Set(["agent.turn", "agent.tool", "agent.text"]);

const LONGEST_PAUSE_MS = 30_000;
const SILENCE_MS = 3 * HEARTBEAT_MS;

/**
 * Follows a run. The first connection must succeed; later ones are tried again until the run ends or `signal`
 * aborts, which ends the stream without an error. Rejects with `ApiError` when the server refuses.
 */
export async function* streamEvents(
  send: Send,
  runId: string,
  { after = 0, signal, silenceMs = SILENCE_MS, onCaughtUp, onReconnect, onProgress }: StreamOptions,
): AsyncGenerator<RunEventItem, void, undefined> {
  let seq = after;
  let retryMs = 2000;
  let failures = 0;
  let isConnected = false;
  let isCaughtUp = false;
  while (!signal?.aborted) {
    let error: Error | null = null;
    const attempt = new AbortController();
    const leave = () => attempt.abort();
    signal?.addEventListener("abort", leave, { once: true });
    const { hear, pieces } = patience(attempt, silenceMs);
    try {
      const response = await hear(open(send, runId, seq, attempt.signal));
      if (response.status === 204) return;
      if (!response.ok || !isOf(response, "text/event-stream")) throw await hear(errorOf(response));
      if (!response.body) throw new Unreachable("the server's stream has no body");
      isConnected = true;
      for await (const message of parseEventStream(pieces(response.body))) {
        if (signal?.aborted) return; // what was read ahead is not wanted any more
        failures = 0;
        if (message.retry !== undefined) retryMs = message.retry;
        if (message.event === "end") return;
        if (message.event === "caught-up") {
          if (!isCaughtUp) onCaughtUp?.();
          isCaughtUp = true;
          continue;
        }
        if (message.data === "") continue;
        if (PROGRESS.has(message.event ?? "")) {
          onProgress?.(JSON.parse(message.data) as Progress);
          continue;
        }
        const event = JSON.parse(message.data) as RunEventItem;
        if (event.seq <= seq) continue;
        seq = event.seq;
        yield event;
      }
    } catch (thrown) {
      if (signal?.aborted) return;
      error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (!isConnected || isFinal(error)) throw error;
      failures++;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
    const inMs = Math.min(retryMs * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);
    onReconnect?.({ inMs, error });
    await pause(inMs, signal);
  }
}

function open(send: Send, runId: string, seq: number, signal: AbortSignal): Promise<Response> {
  return send({
    method: "GET",
    target: `/api/v1/workflow-runs/${encodeURIComponent(runId)}/stream`,
    headers: { accept: "text/event-stream", ...(seq > 0 && { "last-event-id": String(seq) }) },
    signal,
  });
}

/**
 * A refusal stays a refusal; a server that is away or overloaded may come back, a broken connection too. While it is
 * away a proxy answers in its place, some with 404.
 */
function isFinal(error: Error): boolean {
  if (error instanceof ApiError) return error.status < 500 && error.status !== 429 && !isFromElsewhere(error);
  return error instanceof SyntaxError;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
