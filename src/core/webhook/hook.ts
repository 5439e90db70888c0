import type { JsonValue } from "../json.ts";
import type { Algorithm, Encoding } from "./signature.ts";

/** An address that other systems send their events to; each event starts a run or is a signal to one. */
export type Hook = {
  /** `hook_…`: part of the address. No secret. */
  readonly id: string;
  readonly environment: string;
  /** Given to one hook of the environment at a time. */
  readonly name: string;
  readonly scheme: Scheme;
  /** The newest first: one, or more while senders change over. The older one is, the sooner it ends. */
  readonly secrets: readonly [KeptSecret, ...KeptSecret[]];
  readonly target: Target;
  /** A condition in Starlark: an event for which it is false comes to nothing. */
  readonly when: string | null;
  readonly identity: Identity;
  /** Request headers that templates may read and that are kept, in lower case, besides the scheme's own. */
  readonly headers: readonly string[];
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
};

/** How senders prove who they are. */
export type Scheme =
  /** `webhook-id`, `webhook-timestamp` and `webhook-signature` (standardwebhooks.com). */
  | { readonly type: "standard-webhooks" }
  /** `X-Hub-Signature-256` over the body. */
  | { readonly type: "github" }
  /** Any other HMAC in a header. */
  | HmacScheme
  /** `Authorization: Bearer …`: whoever sees one request can make others. */
  | { readonly type: "bearer" };

export type HmacScheme = {
  readonly type: "hmac";
  /** Where the signature is, in lower case. */
  readonly header: string;
  readonly algorithm: Algorithm;
  readonly encoding: Encoding;
  /** What stands before the signature: `sha256=`. */
  readonly prefix: string;
  /** Where the time of sending is (seconds since 1970), in lower case; `null`: an old message is as good as a new one. */
  readonly timestampHeader: string | null;
  /** What is signed: `{timestamp}` and `{body}` stand for themselves. */
  readonly signs: string;
};

/** A secret as it is kept: encrypted where it must be known to check a signature, as a hash where a token is compared. */
export type KeptSecret = {
  readonly kept: string;
  /** How long it is good after its successor was made; `null` for the newest. */
  readonly until: number | null;
};

/** What an event comes to. Every text may have templates over `body`, `headers`, `query` and `event`. */
export type Target =
  | {
      readonly type: "start-run";
      readonly workflowId: string;
      /** `null`: the version that is current when the event comes. */
      readonly version: number | null;
      /** `undefined`: the body. */
      readonly input?: JsonValue;
    }
  | {
      readonly type: "signal";
      /** The id of the run. */
      readonly run: string;
      readonly signal: string;
      /** `undefined`: the body. */
      readonly payload?: JsonValue;
    };

/** How an event is known when it comes again: it has its effect once. */
export type Identity =
  /** By the sender's id for it. */
  | { readonly by: "header"; readonly header: string }
  | { readonly by: "template"; readonly template: string }
  /** By everything that was signed: the same text is the same event. */
  | { readonly by: "content" }
  /** Not at all: each request is an event of its own. */
  | { readonly by: "nothing" };

/** What the audit trail calls what a hook does. */
export function actorOf({ environment, name }: Pick<Hook, "environment" | "name">): string {
  return `hook:${environment}/${name}`;
}

/**
 * How a scheme's events are known again when nobody says otherwise: by the sender's id where it is signed, else by
 * what is signed. GitHub's delivery id is not: with it alone, whoever has seen one delivery could repeat it for ever.
 */
export function usualIdentity(scheme: Scheme): Identity {
  switch (scheme.type) {
    case "standard-webhooks":
      return { by: "header", header: "webhook-id" };
    case "github":
    case "hmac":
      return { by: "content" };
    case "bearer":
      return { by: "nothing" };
  }
}

/** Whether a secret's text must be kept so that it can be read again. */
export function mustBeReadable({ type }: Scheme): boolean {
  return type !== "bearer";
}

/** The secrets that count at `now`. */
export function secretsAt({ secrets }: Pick<Hook, "secrets">, now: number): readonly KeptSecret[] {
  return secrets.filter(({ until }) => until === null || until > now);
}
