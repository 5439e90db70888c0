import type { Followed } from "../engine/follow-run.ts";
import { eventJson } from "./json/runs.ts";

/** How a stream of a run's events behaves; times in milliseconds. */
export type EventStreamOptions = {
  readonly heartbeatMs: number | undefined;
  readonly maxMs: number | undefined;
  /** The server closes. */
  readonly closing: AbortSignal;
  /** The source broke: the stream ends, and the client comes back. */
  readonly onError: (error: unknown) => void;
};

const HEARTBEAT_MS = 15_000;
const MAX_MS = 55 * 60_000;
const RETRY_MS = 2000;

/**
 * Server-sent events from a followed run. Nothing is read ahead of the client, so a slow one costs no memory: the
 * next event is only taken from the store when the last one was taken from here.
 */
export function eventStream(
  follow: (signal: AbortSignal) => AsyncIterable<Followed>,
  options: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const { heartbeatMs = HEARTBEAT_MS, maxMs = MAX_MS, closing, onError } = options;
  const encoder = new TextEncoder();
  const source = new AbortController();
  const over = Promise.withResolvers<string>();
  const onClosing = () => over.resolve(": the server closes\n\n");
  let lifetime: NodeJS.Timeout | undefined;
  let events: AsyncIterator<Followed> | null = null;
  let next: Promise<IteratorResult<Followed>> | null = null;
  let isOver = false;

  const stop = () => {
    isOver = true;
    clearTimeout(lifetime);
    closing.removeEventListener("abort", onClosing);
    source.abort();
    // The source holds a listener until it has returned, also when it stands at an event that nobody will fetch.
    events?.return?.().catch(onError);
  };

  return new ReadableStream(
    {
      async pull(controller) {
        const send = (text: string) => controller.enqueue(encoder.encode(text));
        const finish = (text: string) => {
          send(text);
          stop();
          controller.close();
        };
        if (!events) {
          events = follow(source.signal)[Symbol.asyncIterator]();
          lifetime = setTimeout(() => over.resolve(": come back\n\n"), maxMs);
          lifetime.unref();
          closing.addEventListener("abort", onClosing, { once: true });
          if (closing.aborted) onClosing();
          send(`retry: ${RETRY_MS}\n\n`);
          return;
        }
        next ??= events.next();
        try {
          const first = await firstOf(next, over.promise, heartbeatMs);
          // The client left while something was on its way to it.
          if (isOver) return;
          if (first === "silence") send(": still here\n\n");
          else if (typeof first === "string") finish(first);
          else if (first.done) finish(": come back\n\n");
          else {
            next = null;
            if (first.value.kind === "end") finish(message(first.value));
            else send(message(first.value));
          }
        } catch (error) {
          onError(error);
          finish(": interrupted, come back\n\n");
        }
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}

/** One message. Only an event has an id, so that a reconnect goes on behind the last one. */
function message(followed: Followed): string {
  switch (followed.kind) {
    case "event": {
      const event = eventJson(followed.event);
      return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    }
    case "caught-up":
      return "event: caught-up\ndata: {}\n\n";
    case "end":
      return "event: end\ndata: {}\n\n";
  }
}

async function firstOf<T>(next: Promise<T>, over: Promise<string>, heartbeatMs: number) {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<"silence">((resolve) => {
    timer = setTimeout(() => resolve("silence"), heartbeatMs);
  });
  try {
    return await Promise.race([next, over, silence]);
  } finally {
    clearTimeout(timer);
  }
}
