/** Requests to addresses that people wrote down: webhooks and the like. Never follows a redirect. */
export type Outgoing = {
  /**
   * Resolves for every answer, whatever its status. Rejects with `OutgoingRefused` when the address is none that may be
   * called, and with `OutgoingFailed` when there was no answer: nobody knows whether the request arrived.
   */
  send(request: OutgoingRequest): Promise<OutgoingAnswer>;
  /** Why an address is never called, as far as its text tells; `null` for nothing. Looks nothing up. */
  refusalOf(url: string): string | null;
};

export type OutgoingRequest = {
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the first look-up to the last byte. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

export type OutgoingAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Its beginning: at most 64 KB. */
  readonly body: string;
};

/** An address that Station does not call: trying again would be refused again. */
export class OutgoingRefused extends Error {
  override readonly name = "OutgoingRefused";
  readonly code = "outgoing-refused";
}

/** No answer. The request may have arrived. */
export class OutgoingFailed extends Error {
  override readonly name = "OutgoingFailed";
  readonly code = "outgoing-failed";
}
