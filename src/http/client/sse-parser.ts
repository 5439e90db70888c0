/** One message of an event stream; `id` and `retry` only where the message set them. */
export type Message = {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
  readonly retry?: number;
};

/** Reads `text/event-stream` (WHATWG HTML §9.2.6) from chunks of bytes. A message cut off at the end is dropped. */
export async function* parseEventStream(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Message, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  let fields = new Fields();
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A "\r" at the very end may be the first half of "\r\n": leave it for the next chunk.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") fields.take(line);
      else {
        const message = fields.message();
        fields = new Fields();
        if (message) yield message;
      }
    }
  }
}

class Fields {
  #event = "message";
  #data: string[] = [];
  #id: string | undefined;
  #retry: number | undefined;

  take(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);
  }

  /** `null` for a block of comments. */
  message(): Message | null {
    if (this.#data.length === 0 && this.#retry === undefined) return null;
    return {
      event: this.#event,
      data: this.#data.join("\n"),
      ...(this.#id !== undefined && { id: this.#id }),
      ...(this.#retry !== undefined && { retry: this.#retry }),
    };
  }
}
