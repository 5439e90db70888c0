import { expect, it } from "vitest";
import { bounded } from "./bounded-fetch.ts";

/** What comes through of these pieces where a message may have fifteen bytes. */
async function through(isStream: boolean, ...pieces: readonly string[]): Promise<string> {
  const source = new Response(pieces.length === 0 ? null : ReadableStream.from(pieces.map(bytes))).body;
  return source ? new Response(source.pipeThrough(bounded(15, isStream))).text() : "";
}

const bytes = (text: string) => new TextEncoder().encode(text);

it("a stream goes on for as long as its events are short, however they are cut into pieces", async () => {
  const events = [
    "data: 1\n\n",
    "data: 2\n",
    "\n",
    "data: 3",
    "\n\n",
    "data: 4\r\n\r",
    "\n",
    "data: 5\r\n",
    "\r\n",
  ];
  expect(await through(true, ...events)).toBe(events.join(""));
});

it("an event that does not end is cut off, and so is an answer", async () => {
  await expect(through(true, "data: 1\n\n", "data: 12345", "67890")).rejects.toThrow("more than 15 bytes");
  await expect(through(false, "1\n\n2\n\n345", "678901234")).rejects.toThrow("more than 15 bytes");
});
