import { Unreachable } from "./errors.ts";

/** How a command of `stn` introduces itself. */
export const CLI_AGENT = "stn";

export type ClientOptions = {
  /** `http://localhost:8585`; what the paths of the table are appended to. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** How the program introduces itself. */
  readonly userAgent?: string;
  readonly fetch?: (
    request: Request,
    init?: { readonly signal: AbortSignal },
  ) => Promise<Response> | Response;
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
export function sender({ baseUrl, apiKey, userAgent, fetch: fetchWith = fetch }: ClientOptions): Send {
  const base = baseUrl.replace(/\/+$/, "");
  return async ({ method, target, headers, body, signal }) => {
    const request = new Request(base + target, {
      method,
      redirect: "manual", // a POST would become a GET there, without its key
      headers: {
        ...headers,
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        ...(userAgent !== undefined && { "user-agent": userAgent }),
      },
      ...(body !== undefined && { body }),
    });
    try {
      // Beside the request, not in it: a request that is collected takes its link to the signal with it, and what is
      // still being read of the answer could no longer be aborted.
      const response = await (signal ? fetchWith(request, { signal }) : fetchWith(request));
      if (response.type === "opaqueredirect") throw new Error("a browser is not told where to");
      return response;
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new Unreachable(`no answer from ${base}`, { cause });
    }
  };
}
