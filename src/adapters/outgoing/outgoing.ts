import { lookup as systemLookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import {
  type Outgoing,
  type OutgoingAnswer,
  OutgoingFailed,
  OutgoingRefused,
} from "../../engine/ports/outgoing.ts";
import { addressCheck } from "./addresses.ts";

export type OutgoingOptions = {
  /** Ranges that may be called although they are private: `10.1.0.0/16`. */
  readonly allowed?: readonly string[];
  /** Certificates to trust beside the system's. */
  readonly ca?: string;
  /** All addresses of a name; tests stand in for the system's. */
  readonly resolve?: (name: string) => Promise<readonly { address: string; family: number }[]>;
};

const MOST_BODY_BYTES = 64 * 1024;

/**
 * Requests to the outside that cannot be turned against the inside (SSRF): every address of a name must be public, the
 * connection is made to the very addresses that were looked at, and a redirect is an answer like any other.
 */
export function createOutgoing(options: OutgoingOptions = {}): Outgoing {
  const mayCall = addressCheck(options.allowed ?? []);
  const resolve = options.resolve ?? ((name: string) => systemLookup(name, { all: true }));

  const lookup: LookupFunction = (name, { all }, done) => {
    resolve(name).then(
      (found) => {
        const [first] = found;
        const wrong = found.find(({ address }) => !mayCall(address));
        if (wrong) done(refusedAddress(name, wrong.address), "", 0);
        else if (!first) done(new Error(`${name} has no address`), "", 0);
        else if (all) done(null, [...found]);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error as Error, "", 0),
    );
  };

  return {
    async send({ url, method, headers, body, timeoutMs, signal }) {
      const target = targetOf(url, mayCall);
      const deadline = AbortSignal.timeout(timeoutMs);
      const ends = signal ? AbortSignal.any([signal, deadline]) : deadline;
      const length = Buffer.byteLength(body);
      const sent = { ...headers, ...(length > 0 && { "content-length": String(length) }) };
      try {
        return await exchange(
          target,
          { method, headers: sent, lookup, signal: ends, agent: false, ...trust(options) },
          body,
        );
      } catch (cause) {
        if (cause instanceof OutgoingRefused) throw cause;
        if (signal?.aborted) throw signal.reason;
        const why = deadline.aborted ? `no answer within ${timeoutMs} ms` : messageOf(cause);
        throw new OutgoingFailed(`${target.host}: ${why}`, { cause });
      }
    },
    refusalOf(url) {
      try {
        targetOf(url, mayCall);
        return null;
      } catch (error) {
        if (error instanceof OutgoingRefused) return error.message;
        throw error;
      }
    },
  };
}

function targetOf(text: string, mayCall: (address: string) => boolean): URL {
  if (!URL.canParse(text)) throw new OutgoingRefused(`"${text}" is not an address`);
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new OutgoingRefused(`${url.protocol} is not called; write https://…`);
  if (url.username !== "" || url.password !== "")
    throw new OutgoingRefused("an address with a user or password in it is not called; use a header");
  // A literal address is never looked up.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !mayCall(host)) throw refusedAddress(host, host);
  return url;
}

function exchange(url: URL, options: RequestOptions, body: string): Promise<OutgoingAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, options, (response) => {
      beginningOf(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: text }),
        reject,
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** What comes behind is not waited for. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MOST_BODY_BYTES) break; // which destroys the response
  }
  return Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES).toString("utf8");
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

function trust({ ca }: OutgoingOptions) {
  return ca === undefined ? {} : { ca };
}

function refusedAddress(name: string, address: string): OutgoingRefused {
  const what = name === address ? address : `${name} (${address})`;
  return new OutgoingRefused(`${what} is inside a private network and is not called`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
