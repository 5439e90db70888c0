import { expect, it, onTestFinished, vi } from "vitest";
import { createClient } from "../client.ts";
import { ApiError, Unreachable } from "./errors.ts";

const message = (seq: number) =>
  `id: ${seq}\nevent: run.resumed\ndata: ${JSON.stringify({ seq, type: "run.resumed" })}\n\n`;
const STREAM = { headers: { "content-type": "text/event-stream; charset=utf-8" } };
const RETRY = "retry: 1\n\n";
const END = "event: end\ndata: {}\n\n";

type Answer = string | Response | Error;

/** A server that answers each connection with the next of `answers`; a text that does not end with `end` breaks off. */
function clientOf(...answers: Answer[]) {
  const asked: (string | null)[] = [];
  const client = createClient({
    baseUrl: "http://station/",
    apiKey: "k",
    fetch: async (request) => {
      expect(request.headers.get("authorization")).toBe("Bearer k");
      expect(request.url).toBe("http://station/api/v1/workflow-runs/run_1/stream");
      asked.push(request.headers.get("last-event-id"));
      const answer = answers.shift();
      if (answer === undefined) throw new Error("asked once too often");
      if (answer instanceof Error) throw answer;
      return answer instanceof Response ? answer : new Response(answer, STREAM);
    },
  });
  return { client, asked };
}

function breaking(text: string): Response {
  const bytes = new TextEncoder().encode(text);
  let isSent = false;
  return new Response(
    new ReadableStream({
      pull(controller) {
        if (isSent) controller.error(new TypeError("terminated"));
        else controller.enqueue(bytes);
        isSent = true;
      },
    }),
    STREAM,
  );
}

/** Says this, and stays open. */
function silent(text: string): Response {
  const bytes = new TextEncoder().encode(text);
  return new Response(new ReadableStream({ start: (controller) => controller.enqueue(bytes) }), STREAM);
}

function problem(status: number): Response {
  const body = { type: "", title: "", status, detail: `status ${status}`, instance: "", code: "x" };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

async function seqs(client: ReturnType<typeof clientOf>["client"], options = {}) {
  const seen: number[] = [];
  for await (const { seq } of client.stream("run_1", options)) seen.push(seq);
  return seen;
}

it("goes on behind the last event after every kind of break, and repeats none", async () => {
  const { client, asked } = clientOf(
    RETRY + message(1) + message(2) + message(3).slice(0, 20),
    breaking(message(3) + message(4)),
    new TypeError("fetch failed"),
    problem(503),
    message(3) + message(4) + message(5) + END,
  );
  const errors: string[] = [];
  const onReconnect = ({ error }: { error: Error | null }) => errors.push(error?.name ?? "closed in order");
  expect(await seqs(client, { onReconnect })).toEqual([1, 2, 3, 4, 5]);
  expect(asked).toEqual([null, "2", "4", "4", "4"]);
  expect(errors).toEqual(["closed in order", "TypeError", "Unreachable", "ApiError"]);
});

it("stops when the server says that there is nothing more", async () => {
  const { client, asked } = clientOf(RETRY + message(8), new Response(null, { status: 204 }));
  expect(await seqs(client, { after: 7 })).toEqual([8]);
  expect(asked).toEqual(["7", "8"]);
});

it("tells once that the history is over", async () => {
  const caughtUp = "event: caught-up\ndata: {}\n\n";
  const { client } = clientOf(RETRY + message(1) + caughtUp, caughtUp + message(2) + END);
  let told = 0;
  expect(await seqs(client, { onCaughtUp: () => told++ })).toEqual([1, 2]);
  expect(told).toBe(1);
});

it("does not try again when the first connection fails or the server refuses", async () => {
  await expect(seqs(clientOf(new TypeError("fetch failed")).client)).rejects.toThrow(Unreachable);
  await expect(seqs(clientOf(problem(503)).client)).rejects.toThrow(ApiError);
  await expect(seqs(clientOf(RETRY + message(1), problem(404)).client)).rejects.toThrow("status 404");
});

it("a proxy that answers while the server is away is no refusal, and its page no stream", async () => {
  const page = (status: number) =>
    new Response("404 page not found", { status, headers: { "content-type": "text/plain" } });
  const { client, asked } = clientOf(RETRY + message(1), page(404), page(200), message(2) + END);
  expect(await seqs(client)).toEqual([1, 2]);
  expect(asked).toEqual([null, "1", "1", "1"]);
  for (const status of [200, 404])
    await expect(seqs(clientOf(page(status)).client)).rejects.toThrow("which is not Station's way");
  await expect(seqs(clientOf(RETRY + message(1), page(403)).client)).rejects.toThrow("answered 403");
});

it("gives a connection up on which nothing comes, while it is opened too, and goes on behind the last event", async () => {
  const { client, asked } = clientOf(silent(RETRY + message(1)), silent(RETRY), message(2) + END);
  const errors: string[] = [];
  const onReconnect = ({ error }: { error: Error | null }) => errors.push(String(error?.message));
  expect(await seqs(client, { silenceMs: 20, onReconnect })).toEqual([1, 2]);
  expect(asked).toEqual([null, "1", "1"]);
  expect(errors).toEqual(Array(2).fill("the server said nothing for 0.02 s"));
  const never = createClient({ baseUrl: "http://station/", fetch: () => new Promise(() => {}) });
  await expect(seqs(never, { silenceMs: 20 })).rejects.toThrow(Unreachable);
});

it("a reader that takes its time is not taken for a server that is silent", async () => {
  const { client, asked } = clientOf(RETRY + message(1) + message(2) + END);
  const seen: number[] = [];
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  for await (const { seq } of client.stream("run_1")) {
    seen.push(seq);
    await vi.advanceTimersByTimeAsync(300_000);
  }
  expect([seen, asked]).toEqual([[1, 2], [null]]);
});

it("ends without an error when the caller has had enough, before and while it waits", async () => {
  for (const leave of [(abort: () => void) => abort(), (abort: () => void) => setTimeout(abort, 5)]) {
    const leaving = new AbortController();
    const { client } = clientOf(`retry: 100000\n\n${message(1)}`);
    const onReconnect = () => leave(() => leaving.abort());
    expect(await seqs(client, { signal: leaving.signal, onReconnect })).toEqual([1]);
  }
});
