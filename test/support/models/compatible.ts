import { asObject, errorOf, listOf, openai } from "./openai.ts";
import { type Dialect, sse } from "./server.ts";

/** A server that speaks almost as OpenAI does: it names thoughts as Groq does, and refuses what Groq and LM Studio refuse. */
export const compatible: Dialect = {
  ...openai,
  read(request) {
    const thought = listOf(request.body["messages"]).findIndex((message) => "reasoning_content" in message);
    if (thought !== -1) {
      const message = `'messages.${thought}' : property 'reasoning_content' is unsupported`;
      return { ok: false, status: 400, body: errorOf("invalid_request_error", null, message) };
    }
    if (asObject(request.body["response_format"])["type"] === "json_object")
      return {
        ok: false,
        status: 400,
        body: { error: "'response_format.type' must be 'json_schema' or 'text'" },
      };
    return openai.read(request);
  },
  whole(said, asked, nth) {
    const answer = openai.whole(said, asked, nth);
    const [choice = {}] = listOf(answer["choices"]);
    const message = { ...asObject(choice["message"]), reasoning: said.thought ?? null };
    return { ...answer, choices: [{ ...choice, message }] };
  },
  pieces(said, asked, nth) {
    const thought = { index: 0, delta: { role: "assistant", reasoning: said.thought ?? "" } };
    return [sse({ choices: [thought] }), ...openai.pieces(said, asked, nth)];
  },
};
