import type { ApiKey } from "../../core/identity/api-key.ts";
import type { AdminEvent } from "./admin-events.ts";

/** Keys of programs. Every change is kept together with the event that tells of it, or not at all. */
export type ApiKeys = {
  /** False when the environment has or had a key of this name. */
  add(key: ApiKey, event: AdminEvent): Promise<boolean>;
  find(environment: string, name: string): Promise<ApiKey | null>;
  /** By environment and name; `null`: of all environments. */
  list(environments: readonly string[] | null): Promise<readonly ApiKey[]>;
  /** False when there is no such key that is not revoked. */
  rotate(
    key: Pick<ApiKey, "environment" | "name" | "hash">,
    /** Until when the secret before is good. */
    previousUntil: number,
    event: AdminEvent,
  ): Promise<boolean>;
  /** False when there is no such key that is not revoked. */
  revoke(key: Pick<ApiKey, "environment" | "name">, event: AdminEvent): Promise<boolean>;
  /** Remembers when keys were last used; never moves back. */
  used(
    uses: readonly { readonly environment: string; readonly name: string; readonly at: number }[],
  ): Promise<void>;
};
