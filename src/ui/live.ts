import { ApiError, errorOf } from "../http/client/errors.ts";
import { patience } from "../http/client/silence.ts";
import { type Message, parseEventStream } from "../http/client/sse-parser.ts";
import { currentTime } from "./clock.ts";
import { reportConnection } from "./connection.ts";
import { fetchAsMe } from "./session.ts";

/** How a stream of server-sent events is followed. */
export type Follow = {
  readonly target: string;
  /** The id of the last message that is known already. */
  readonly lastId?: string;
  /** What came since the last frame, in order. Never called after `close`. */
  readonly onMessages: (messages: readonly Message[]) => void;
  /** The server refuses: nothing more will come. */
  readonly onRefused: (error: ApiError) => void;
  /** The last message was `end`, or the server says that there is no more. */
  readonly onEnd?: () => void;
  /** The line is there again: of messages without ids, those that came meanwhile are lost. */
  readonly onAgain?: () => void;
};

/** A hidden page stops listening after so long, and catches up when it is shown again. */
const HIDDEN_MS = 60_000;
/** The server shows every 15 s that it lives; twice unheard, and the line is taken for dead. */
const SILENCE_MS = 35_000;
const RETRY_MS = [300, 700, 1200, 1600, 2000];

/**
 * Follows a stream until it ends or `close` is called: reconnects behind the last message, closes while the page is
 * hidden, and hands messages out once per frame. `fetch` instead of `EventSource`: it says why it failed, and it can
 * be told to try again now.
 */
export function followStream({ target, lastId, onMessages, onRefused, onEnd, onAgain }: Follow): {
  close(): void;
} {
  const source = Symbol(target);
  let id = lastId;
  let attempt: AbortController | null = null;
  let failures = 0;
  let isAgain = false;
  /** What happened until then is known here. */
  let heardAt = currentTime();
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let hideTimer: ReturnType<typeof setTimeout> | undefined;
  let isSleeping = false;
  let isClosed = false;
  const frame = batches(onMessages);

  const connect = async () => {
    clearTimeout(retryTimer);
    attempt?.abort();
    const mine = new AbortController();
    isAgain = attempt !== null;
    attempt = mine;
    const { hear, pieces } = patience(mine, SILENCE_MS);
    try {
      const headers = { accept: "text/event-stream", ...(id !== undefined && { "last-event-id": id }) };
      const request = new Request(target, { headers, cache: "no-store" });
      const response = await hear(fetchAsMe(request, { signal: mine.signal }));
      if (response.status === 204) return finish();
      if (!response.ok) throw await hear(errorOf(response));
      if (!response.body) throw new Error("the answer has no body");
      failures = 0;
      reportConnection(source, { is: "connected" });
      if (isAgain) onAgain?.();
      for await (const message of parseEventStream(heard(pieces(response.body)))) {
        if (mine.signal.aborted) return;
        if (message.id !== undefined) id = message.id;
        if (message.event === "end") return finish();
        frame.add(message);
      }
      throw new Error("the stream broke off");
    } catch (error) {
      if (isClosed || isSleeping || attempt !== mine) return;
      if (error instanceof ApiError && !mayPass(error)) {
        close();
        onRefused(error);
        return;
      }
      retryLater();
    }
  };

  async function* heard(pieces: AsyncIterable<Uint8Array>) {
    heardAt = currentTime();
    for await (const piece of pieces) {
      heardAt = currentTime();
      yield piece;
    }
  }

  const retryLater = () => {
    const inMs = (RETRY_MS[failures] ?? 2000) * (0.9 + Math.random() * 0.2);
    failures++;
    reportConnection(source, { is: "reconnecting", since: heardAt, retryAt: Date.now() + inMs }, connectNow);
    retryTimer = setTimeout(connectNow, inMs);
  };

  const finish = () => {
    frame.flush();
    close();
    onEnd?.();
  };

  const connectNow = () => void connect();

  const onVisibility = () => {
    clearTimeout(hideTimer);
    if (document.hidden) {
      hideTimer = setTimeout(() => {
        isSleeping = true;
        clearTimeout(retryTimer);
        attempt?.abort();
      }, HIDDEN_MS);
    } else if (isSleeping) {
      isSleeping = false;
      connectNow();
    }
  };

  const close = () => {
    isClosed = true;
    clearTimeout(retryTimer);
    clearTimeout(hideTimer);
    document.removeEventListener("visibilitychange", onVisibility);
    frame.drop();
    attempt?.abort();
    reportConnection(source, null);
  };

  document.addEventListener("visibilitychange", onVisibility);
  reportConnection(source, { is: "connecting" });
  connectNow();
  return { close };
}

/** A refusal stays one; a server may come back, and a person be known again. */
export function mayPass({ status }: ApiError): boolean {
  return status >= 500 || status === 429 || status === 401;
}

/** Collects what comes and hands it out once per frame; a hidden page has no frames, but timers. */
function batches(hand: Follow["onMessages"]) {
  let waiting: Message[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  const flush = () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    timer = undefined;
    frame = 0;
    const messages = waiting;
    waiting = [];
    if (messages.length > 0) hand(messages);
  };
  return {
    add(message: Message) {
      waiting.push(message);
      if (timer !== undefined || frame !== 0) return;
      if (document.hidden) timer = setTimeout(flush, 100);
      else {
        frame = requestAnimationFrame(flush);
        timer = setTimeout(flush, 250); // a page that is covered gets no frames
      }
    },
    flush,
    drop() {
      waiting = [];
      flush();
    },
  };
}
