import type { RunId } from "../run/ids.ts";
import type { HookRequest } from "./request.ts";

/** One request that a hook believed, and what came of it. */
export type Delivery = {
  /** `dlv_…`, in the order in which they came. */
  readonly id: string;
  readonly hookId: string;
  readonly receivedAt: number;
  /** How the event is known when it comes again; `null` until that was found out. */
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly request: KeptRequest;
  /** Set where somebody had an earlier delivery done again. */
  readonly again: { readonly of: string; readonly by: string } | null;
  readonly outcome: DeliveryOutcome;
};

/** A body that is too long to be kept is `null`, and one whose run was purged. */
export type KeptRequest = Omit<HookRequest, "text"> & {
  readonly text: string | null;
  readonly bytes: number;
};

export type DeliveryOutcome =
  /** Not finished: somebody is at it, or died over it. */
  | { readonly status: "RECEIVED" }
  /** `isRepeated`: the event had its effect before. */
  | { readonly status: "STARTED" | "SIGNALLED"; readonly runId: RunId; readonly isRepeated: boolean }
  | { readonly status: "IGNORED"; readonly reason: string }
  | { readonly status: "FAILED"; readonly reason: string; readonly errors: readonly DeliveryError[] };

/** `pointer` leads into what the hook made of the event: `/input/severity`. */
export type DeliveryError = { readonly pointer: string; readonly message: string; readonly hint?: string };

/** Longer bodies are not kept, in characters; what is not kept cannot be done again. */
const LONGEST_KEPT = 256 * 1024;

/** What is kept of a request. */
export function kept({ text, ...request }: HookRequest, bytes: number): KeptRequest {
  return { ...request, bytes, text: text.length > LONGEST_KEPT ? null : text };
}
