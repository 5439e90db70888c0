import type { By } from "../core/identity/channel.ts";
import type { Principal } from "../core/identity/principal.ts";
import type { DefinitionSource } from "../engine/ports/definitions.ts";
import type { Answer, Given, RouteName, Routes } from "./contract.ts";

/** What a handler is called with: everything about the request that was checked, and nothing else of it. */
export type Call<R> = {
  readonly params: Given<R, "params">;
  readonly query: Given<R, "query">;
  readonly headers: Given<R, "headers">;
  readonly body: R extends { readonly bodyKind: "definition" }
    ? SubmittedDefinition
    : R extends { readonly bodyKind: "raw" }
      ? Uint8Array
      : Given<R, "body">;
  readonly principal: Principal;
  /** The principal as the audit trail names them, and by which way they came. */
  readonly by: By;
  /** The environments that this call may be about, `null` for all: what a list must be limited to. */
  readonly environments: readonly string[] | null;
  readonly idempotencyKey: string | null;
  /** As it came: for credentials, and for signatures over it. */
  readonly request: Request;
  readonly url: URL;
  /** Aborts when the caller is gone or the server closes. */
  readonly signal: AbortSignal;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
};

/** A workflow as its author wrote it, and the environment it is for. */
export type SubmittedDefinition = { readonly source: DefinitionSource; readonly environment: string };

/** The body and headers of a successful answer; its status is in the table. */
type Reply<R> = {
  readonly body: Answer<R>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Does what one route says. Whatever is not JSON is answered as a whole `Response`. */
type Handler<R> = (call: Call<R>) => Promise<Reply<R> | Response>;

/** A handler for each of the named routes. */
export type Handlers<Names extends RouteName> = { readonly [Name in Names]: Handler<Routes[Name]> };

/** Any handler, called with what its row of the table promises. */
export type AnyHandler = (call: Call<unknown>) => Promise<Reply<unknown> | Response>;
