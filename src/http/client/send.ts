import { Unreachable } from "./errors.ts";

export type ClientOptions = {
  /** `http://localhost:8585`; what the paths of the table are appended to. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly fetch?: (request: Request) => Promise<Response> | Response;
};

/** A request before it is addressed. */
export type Outgoing = {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
};

/** Sends a request to the server the client was made for. */
export type Send = (outgoing: Outgoing) => Promise<Response>;

/** Addresses requests to one server, with its key. */
export function sender({ baseUrl, apiKey, fetch: fetchWith = fetch }: ClientOptions): Send {
  const base = baseUrl.replace(/\/+$/, "");
  return async ({ method, target, headers, body, signal }) => {
    const request = new Request(base + target, {
      method,
      headers: { ...headers, ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
    try {
      return await fetchWith(request);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new Unreachable(`no answer from ${base}`, { cause });
    }
  };
}
