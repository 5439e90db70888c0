import fc from "fast-check";
import { expect, it } from "vitest";
import { type Message, parseEventStream } from "./sse-parser.ts";

async function parse(chunks: readonly Uint8Array[]): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of parseEventStream(
    (async function* () {
      yield* chunks;
    })(),
  ))
    messages.push(message);
  return messages;
}

const STREAM = `: hello

retry: 2000

id: 1
event: run.created
data: {"a":"ü"}

event: caught-up
data: {}

id:2
data: one
data:  two
nonsense
other: x

id: 3
data: cut off`;

const EXPECTED = [
  { event: "message", data: "", retry: 2000 },
  { event: "run.created", data: '{"a":"ü"}', id: "1" },
  { event: "caught-up", data: "{}" },
  { event: "message", data: "one\n two", id: "2" },
];

it("reads messages, skips comments and unknown fields, and drops what was cut off", async () => {
  expect(await parse([new TextEncoder().encode(STREAM)])).toEqual(EXPECTED);
});

it("reads the same however the bytes are cut and the lines are ended", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
      async (ending, sizes) => {
        const bytes = new TextEncoder().encode(STREAM.replaceAll("\n", ending));
        const chunks: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(await parse(chunks)).toEqual(EXPECTED);
      },
    ),
  );
});
