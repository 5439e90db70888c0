import type { Delivery, DeliveryOutcome } from "../../core/webhook/delivery.ts";
import type { Hook } from "../../core/webhook/hook.ts";
import type { AdminEvent } from "./admin-events.ts";

/** Addresses that other systems send events to. Every change is kept with the event that tells of it, or not at all. */
export type Hooks = {
  /** False when the environment has a hook of this name. */
  add(hook: Hook, event: AdminEvent): Promise<boolean>;
  find(hookId: string): Promise<Hook | null>;
  /** By environment and name; `null`: of all environments. */
  list(environments: readonly string[] | null): Promise<readonly Hook[]>;
  /** Replaces what can be changed: all but its environment, name, scheme and secrets. False for an unknown hook. */
  change(hook: Pick<Hook, "id" | HookChange>, event: AdminEvent): Promise<boolean>;
  /** False for an unknown hook. */
  rotate(
    hookId: string,
    secret: string,
    /** Until when the secret before is good. */
    previousUntil: number,
    event: AdminEvent,
  ): Promise<boolean>;
  /**
   * Puts sealed texts of the same secrets in the place of those in `hook`, the newest first; one that is left out is not
   * good any more. False when it has others by now.
   */
  reseal(hook: Pick<Hook, "id" | "secrets">, sealed: readonly string[], event: AdminEvent): Promise<boolean>;
  /** With all its deliveries. False for an unknown hook. */
  remove(hookId: string, event: AdminEvent): Promise<boolean>;
  readonly deliveries: Deliveries;
};

export type HookChange = "target" | "when" | "identity" | "headers" | "enabled";

/** The latest requests that hooks believed. */
export type Deliveries = {
  /** Forgets the hook's oldest ones: `most` stay, none from before `since`. False for an unknown hook. */
  add(delivery: Delivery, keep: { readonly most: number; readonly since: number }): Promise<boolean>;
  /** Nothing happens to a delivery that is forgotten by then. */
  settle(deliveryId: string, eventId: string | null, outcome: DeliveryOutcome): Promise<void>;
  find(hookId: string, deliveryId: string): Promise<Delivery | null>;
  /** Newest first, those that came at `since` or later. */
  list(
    hookId: string,
    page: { readonly limit: number; readonly since: number; readonly before?: string },
  ): Promise<readonly Delivery[]>;
  /** Drops all that came before `until`. */
  forget(until: number): Promise<void>;
  /** Deliveries from before `until` that nobody has finished, oldest first; `after`: only those behind this one. */
  unfinished(
    until: number,
    limit: number,
    after: Pick<Delivery, "receivedAt" | "id"> | null,
  ): Promise<readonly Delivery[]>;
};
