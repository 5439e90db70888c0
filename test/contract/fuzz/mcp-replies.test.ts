import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mcpOver } from "../mcp/given.ts";
import { found, fuzz, inTime, TIMEOUT_MS } from "./fuzzing.ts";
import { editedValue, mutatedText } from "./hostile.ts";

const hostile = (...flags: readonly string[]) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../support/mcp/hostile-server.ts"), ...flags],
});

const REPLY = {
  ...{ jsonrpc: "2.0", id: "$ID" },
  result: {
    content: [
      { type: "text", text: "said" },
      { type: "image", mimeType: "image/png", data: "AAAA" },
      { type: "resource", resource: { uri: "file:///a", text: "inside" } },
    ],
    structuredContent: { n: 1 },
    isError: false,
    _meta: {},
  },
};
const LISTING = {
  ...{ jsonrpc: "2.0", id: "$ID" },
  result: {
    tools: [
      {
        name: "say",
        description: "Says",
        inputSchema: { type: "object", properties: { a: { type: "string" } } },
      },
      {
        name: "b",
        inputSchema: { type: "object" },
        outputSchema: { type: "object" },
        annotations: { title: "B" },
      },
    ],
  },
};

/** With the id as the number it has to be, most of the time. */
const asLine = (value: unknown) => JSON.stringify(value).replace('"$ID"', "$ID").replaceAll("\n", " ");
const replies = fc.oneof(
  editedValue(REPLY).map(asLine),
  mutatedText([asLine(REPLY), `{"jsonrpc":"2.0","id":$ID,"error":{"code":-1,"message":"no"}}`]),
);

const CALL_MS = 300;

test.each([
  [201, { text: expect.stringContaining("more than 200 levels deep"), isError: true }],
  [20_000, { text: expect.stringContaining("more than 200 levels deep"), isError: true }],
  [198, { text: expect.stringMatching(/^.{5}\[{198}/), isError: false }],
])("an answer of %i levels is an answer, read or refused", async (levels, said) => {
  const { call } = mcpOver({ hostile: hostile() });
  const deep = `{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  const bytes = `{"jsonrpc":"2.0","id":$ID,"result":{"content":[],"structuredContent":${deep}}}`;
  expect(await call("say", { bytes })).toMatchObject({ status: "answered", ...said });
  const worded = bytes.replace('"content":[]', '"content":[{"type":"text","text":"3 pods"}]');
  expect(await call("say", { bytes: worded })).toMatchObject({ text: "3 pods", isError: false });
});

test.each(found("mcp-replies"))("an answer that once broke something: $name", ({ text }) => {
  const { call } = mcpOver({ hostile: hostile() });
  return inTime(text, async (bytes) => {
    await call("say", { bytes }, { timeoutMs: CALL_MS });
    expect(await call("echo")).toMatchObject({ status: "answered", text: "here" });
  });
});

test(
  "whatever a server answers a call with is an answer or an unknown outcome, and the next call is answered",
  async () => {
    const { call } = mcpOver({ hostile: hostile() });
    await fuzz(replies, async (bytes) => {
      const outcome = await call("say", { bytes }, { timeoutMs: CALL_MS });
      expect(["answered", "unknown"]).toContain(outcome.status);
      expect(await call("echo")).toMatchObject({ status: "answered", text: "here" });
    });
  },
  TIMEOUT_MS,
);

test(
  "whatever a server says its tools are, they are bound or a problem says why not",
  () =>
    fuzz(fc.oneof(editedValue(LISTING).map(asLine), mutatedText([asLine(LISTING)], 2)), async (listing) => {
      const { mcp } = mcpOver({ hostile: hostile("--listing", listing.replaceAll("\0", " ")) });
      const { tools, problems } = await mcp.tools.bind("default", ["hostile/*"], AbortSignal.timeout(400));
      for (const { message } of problems) expect(message).not.toMatch(/^$|\[object/);
      if (problems.length === 0) expect(Array.isArray(tools)).toBe(true);
      await mcp.close();
    }),
  TIMEOUT_MS,
);
