import { expect, test } from "vitest";
import { wholeAnswer } from "./ai-reply.ts";

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
      usage: {
        inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 1, text: 1, reasoning: 0 },
      },
    });
  expect(JSON.stringify(answer(2).raw)).toContain('"providerOptions":{"x":{"y":{"y":1}}}');
  expect(() => answer(20_000)).toThrow("its metadata is nested more than 200 levels deep");
});
