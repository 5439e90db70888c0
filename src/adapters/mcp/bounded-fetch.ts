/** As `fetch`, but an answer, or one event of a stream, that is longer than `maxBytes` breaks off with an error. */
export function boundedFetch(maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(bounded(maxBytes, isStream)), {
      status,
      statusText,
      headers,
    });
  };
}

/** An empty line, in either spelling. */
const ENDS_OF_EVENT = ["\n\n", "\r\n\r\n"];

/** Hands bytes on until a message, or in a stream one of its events, has more than `maxBytes`. */
export function bounded(maxBytes: number, isStream: boolean): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  /** An empty line may come in two pieces. */
  let end: Uint8Array = new Uint8Array();
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = isStream ? Buffer.concat([end, chunk]) : null;
      const begun = text ? Math.max(...ENDS_OF_EVENT.map((line) => text.lastIndexOf(line))) : -1;
      size = text && begun !== -1 ? text.length - begun : size + chunk.length;
      end = text ? text.subarray(-3) : end;
      if (size > maxBytes) controller.error(new Error(`it sent a message of more than ${maxBytes} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
