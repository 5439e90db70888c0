import { isoTime } from "../core/time.ts";
import type { Followed } from "../engine/follow-run.ts";
import { HEARTBEAT_MS } from "./client/silence.ts";
import { eventJson } from "./json/runs.ts";
import type { Meter } from "./ports.ts";

/** How a stream of messages behaves; times in milliseconds. */
export type EventStreamOptions = {
  readonly heartbeatMs: number | undefined;
  readonly maxMs: number | undefined;
  /** The server closes. */
  readonly closing: AbortSignal;
  /** Whether whoever reads may still do so; looked at every few seconds. */
  readonly isStillIn?: () => Promise<boolean>;
  readonly recheckMs?: number | undefined;
  /** The source broke: the stream ends, and the client comes back. */
  readonly onError: (error: unknown) => void;
  /** Told when a client begins to read and when it has left. */
  readonly meter?: Pick<Meter, "streaming"> | undefined;
};

const MAX_MS = 55 * 60_000;
const RETRY_MS = 2000;
/** How long a stream may go on for whoever has logged out elsewhere, or whose key was revoked. */
const RECHECK_MS = 5000;
/** Characters that are sent in one piece, about. */
const MOST_TOGETHER = 64 * 1024;

/** One message as it is sent; after the last one the stream is closed. */
export type Sent = { readonly text: string; readonly isLast?: true };

/**
 * Server-sent events from anything that is followed. No more than one piece is read ahead of the client, so a slow one
 * costs no memory: the next item is only taken from its source when the last piece was taken from here.
 */
export function eventStream<Item>(
  follow: (signal: AbortSignal) => AsyncIterable<Item>,
  write: (item: Item) => Sent,
  options: EventStreamOptions,
): Response {
  return new Response(messages(follow, write, options), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

function messages<Item>(
  follow: (signal: AbortSignal) => AsyncIterable<Item>,
  write: (item: Item) => Sent,
  options: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const { heartbeatMs = HEARTBEAT_MS, maxMs = MAX_MS, recheckMs = RECHECK_MS } = options;
  const { closing, onError, meter, isStillIn } = options;
  const encoder = new TextEncoder();
  const source = new AbortController();
  const over = Promise.withResolvers<string>();
  const onClosing = () => over.resolve(": the server closes\n\n");
  let lifetime: NodeJS.Timeout | undefined;
  let rechecks: NodeJS.Timeout | undefined;
  let events: AsyncIterator<Item> | null = null;
  let next: Promise<IteratorResult<Item>> | null = null;
  let isOver = false;

  const stop = () => {
    if (events && !isOver) meter?.streaming(-1);
    isOver = true;
    clearTimeout(lifetime);
    clearInterval(rechecks);
    closing.removeEventListener("abort", onClosing);
    source.abort();
    // The source holds a listener until it has returned, also when it stands at an event that nobody will fetch.
    events?.return?.().catch(onError);
  };

  const recheck = async () => {
    try {
      if (!(await isStillIn?.())) over.resolve(": logged out\n\n");
    } catch (error) {
      onError(error);
      over.resolve(": interrupted, come back\n\n");
    }
  };

  /** What the source has at hand already goes in one piece: a long history is sent by the page, not by the event. */
  const together = async (
    { text, isLast }: Sent,
    source: AsyncIterator<Item>,
    keep: (ahead: Promise<IteratorResult<Item>>) => void,
  ): Promise<Sent> => {
    const turn = new Promise<null>((resolve) => setImmediate(() => resolve(null)));
    let piece = text;
    let ends = isLast;
    while (!ends && piece.length < MOST_TOGETHER) {
      const ahead = source.next();
      const one = await Promise.race([ahead.catch(() => null), turn]);
      if (one === null || one.done) {
        keep(ahead);
        break;
      }
      const more = write(one.value);
      piece += more.text;
      ends = more.isLast;
    }
    // A store that answers at once would otherwise keep everybody else waiting until the whole history is sent.
    await turn;
    return { text: piece, ...(ends && { isLast: ends }) };
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
          meter?.streaming(1);
          lifetime = setTimeout(() => over.resolve(": come back\n\n"), maxMs);
          lifetime.unref();
          if (isStillIn) rechecks = setInterval(recheck, recheckMs).unref();
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
            const { text, isLast } = await together(write(first.value), events, (ahead) => {
              next = ahead;
            });
            if (isOver) return;
            if (isLast) finish(text);
            else send(text);
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

/** What is told of a run. Only an event has an id, so that a reconnect goes on behind the last one. */
export function tellOfRun(followed: Followed): Sent {
  switch (followed.kind) {
    case "event": {
      const event = eventJson(followed.event);
      return { text: `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n` };
    }
    case "progress": {
      const { at, ...progress } = followed.progress;
      return {
        text: `event: ${progress.type}\ndata: ${JSON.stringify({ ...progress, at: isoTime(at) })}\n\n`,
      };
    }
    case "caught-up":
      return { text: "event: caught-up\ndata: {}\n\n" };
    case "end":
      return { text: "event: end\ndata: {}\n\n", isLast: true };
  }
}

async function firstOf<T>(next: Promise<T>, over: Promise<string>, heartbeatMs: number) {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<"silence">((resolve) => {
    timer = setTimeout(() => resolve("silence"), heartbeatMs);
  });
  try {
    return await Promise.race([over, next, silence]);
  } finally {
    clearTimeout(timer);
  }
}
