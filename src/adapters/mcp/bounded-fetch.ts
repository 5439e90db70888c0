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

function bounded(maxBytes: number, isStream: boolean): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const begun = isStream ? Math.max(...ENDS_OF_EVENT.map((end) => text.lastIndexOf(end))) : -1;
      size = begun === -1 ? size + chunk.length : chunk.length - begun;
      if (size > maxBytes) controller.error(new Error(`it sent a message of more than ${maxBytes} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
