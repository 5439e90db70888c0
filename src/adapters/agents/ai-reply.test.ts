import { expect, test } from "vitest";
import { wholeAnswer } from "./ai-reply.ts";

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

test("what a provider hung on its answer is kept word for word, unless it has more levels than can be kept", () => {
  const answer = (levels: number) =>
    wholeAnswer({
      content: [
        {
          type: "reasoning",
          text: "first",
          providerMetadata: JSON.parse(`{"x":${'{"y":'.repeat(levels)}1${"}".repeat(levels)}}`),
        },
      ],
      finishReason: { unified: "stop", raw: "stop" },
      usage,
    });
  expect(JSON.stringify(answer(2).raw)).toContain('"providerOptions":{"x":{"y":{"y":1}}}');
  expect(() => answer(20_000)).toThrow("its metadata is nested more than 200 levels deep");
});

test("a call with an integer that no number holds is kept as it was said, and not as a call with another", () => {
  const call = (input: string) =>
    wholeAnswer({
      content: [{ type: "tool-call", toolCallId: "c", toolName: "remove", input }],
      finishReason: { unified: "tool-calls", raw: "tool_use" },
      usage,
    }).calls;
  const rounded = '{"id": 12345678901234567890}';
  expect(call(rounded)).toEqual([{ id: "c", tool: "remove", args: { value: rounded }, isGarbled: true }]);
  expect(call('{"id": "12345678901234567890", "at": 1764512345000000000}')).toEqual([
    { id: "c", tool: "remove", args: { id: "12345678901234567890", at: 1764512345000000000 } },
  ]);
});
