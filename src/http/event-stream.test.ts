import { expect, it } from "vitest";
import type { Followed } from "../engine/follow-run.ts";
import type { EventView } from "../engine/ports/queries.ts";
import { eventStream, tellOfRun } from "./event-stream.ts";

const event = (seq: number): Followed => ({
  kind: "event",
  event: {
    seq,
    at: 0,
    actor: "system",
    channel: "worker",
    event: { type: "run.resumed" },
    hash: null,
  } satisfies EventView,
});
/** An event that is a piece of its own. */
const large = (seq: number): Followed => ({
  kind: "event",
  event: {
    seq,
    at: 0,
    actor: "system",
    channel: "worker",
    event: { type: "run.paused", reason: "x".repeat(70_000) },
    hash: null,
  } satisfies EventView,
});
const END: Followed = { kind: "end" };

/** A stream over `items`, after which the source is silent unless it ended; `isDone` tells that it let go. */
function streamOf(
  items: readonly (Followed | Error)[],
  options: { heartbeatMs?: number; maxMs?: number; closing?: AbortSignal } = {},
) {
  const state = { isDone: false, taken: 0, errors: [] as unknown[] };
  async function* follow(signal: AbortSignal): AsyncGenerator<Followed> {
    try {
      for (const item of items) {
        state.taken++;
        if (item instanceof Error) throw item;
        yield item;
      }
      if (items.at(-1) === END || signal.aborted) return;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    } finally {
      state.isDone = true;
    }
  }
  const { body } = eventStream(follow, tellOfRun, {
    heartbeatMs: options.heartbeatMs ?? 60_000,
    maxMs: options.maxMs,
    closing: options.closing ?? new AbortController().signal,
    onError: (error) => state.errors.push(error),
  });
  return { stream: body as ReadableStream<Uint8Array>, state };
}

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

it("sends ids with events only, and lets go of its source at the end", async () => {
  const { stream, state } = streamOf([event(1), { kind: "caught-up" }, END]);
  const sent = (await text(stream)).split("\n\n");
  expect(sent.map((message) => message.replace(/data: \{"seq":1,.+$/m, "data: …"))).toEqual([
    "retry: 2000",
    "id: 1\nevent: run.resumed\ndata: …",
    "event: caught-up\ndata: {}",
    "event: end\ndata: {}",
    "",
  ]);
  await expect.poll(() => state.isDone).toBe(true);
});

it("takes a piece from its source when the client wants it, and no second one before that", async () => {
  const { stream, state } = streamOf([large(1), large(2), large(3), event(4)]);
  const reader = stream.getReader();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(state.taken).toBe(0);
  await reader.read();
  await reader.read();
  expect(state.taken).toBe(1);
  await reader.cancel();
  await expect.poll(() => state.isDone).toBe(true);
});

it("lets go of a silent source when the client leaves", async () => {
  const { stream, state } = streamOf([event(1)], { heartbeatMs: 5 });
  const reader = stream.getReader();
  let seen = "";
  while (!seen.includes(": still here")) seen += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  await expect.poll(() => state.isDone).toBe(true);
});

it("takes a client that leaves while it waits for more as no error", async () => {
  const { stream, state } = streamOf([event(1)]);
  const reader = stream.getReader();
  await reader.read();
  await reader.read();
  const waiting = reader.read();
  await new Promise(setImmediate);
  await reader.cancel();
  expect((await waiting).done).toBe(true);
  await expect.poll(() => state.isDone).toBe(true);
  await new Promise(setImmediate);
  expect(state.errors).toEqual([]);
});

it("closes with a comment before the platform would cut it", async () => {
  const { stream, state } = streamOf([event(1)], { maxMs: 20 });
  expect(await text(stream)).toMatch(/: come back\n\n$/);
  await expect.poll(() => state.isDone).toBe(true);
});

it("closes at once when the server does, also when it was closing before", async () => {
  const closing = new AbortController();
  const { stream } = streamOf([event(1)], { closing: closing.signal });
  const sent = text(stream);
  closing.abort();
  expect(await sent).toMatch(/: the server closes\n\n$/);
  const late = streamOf([event(1)], { closing: closing.signal });
  expect(await text(late.stream)).toMatch(/: the server closes\n\n$/);
});

it("ends in order when its source breaks, so that the client comes back", async () => {
  const broken = new Error("the store is away");
  const { stream, state } = streamOf([event(1), broken]);
  expect(await text(stream)).toMatch(/id: 1\n[\s\S]*: interrupted, come back\n\n$/);
  expect(state.errors).toEqual([broken]);
});

it("what is at hand goes to the client in one piece, in order", async () => {
  const { stream } = streamOf([event(1), event(2), event(3), END]);
  const reader = stream.getReader();
  await reader.read(); // how to reconnect
  const { value } = await reader.read();
  const piece = new TextDecoder().decode(value);
  expect(piece.match(/^id: \d$/gm)).toEqual(["id: 1", "id: 2", "id: 3"]);
  expect(piece).toContain("event: end");
});
