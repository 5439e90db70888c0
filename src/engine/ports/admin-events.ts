import type { Channel } from "../../core/identity/channel.ts";
import type { JsonObject } from "../../core/json.ts";

/** Something that was changed about Station itself, by whom: the audit trail beside the runs' own. */
export type AdminEvent = {
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  /** The way it came in: `api`. */
  readonly channel: Channel;
  /** What was done: `key.created`. */
  readonly action: string;
  /** `null` for what belongs to Station as a whole. */
  readonly environment: string | null;
  /** What it was done to: `key:prod/ci`. */
  readonly subject: string;
  /** What else is worth knowing; never a secret. */
  readonly data: JsonObject;
};

/** Only ever grows. */
export type AdminEvents = {
  append(event: AdminEvent): Promise<void>;
  /** The newest of an action on a subject; `null` without any. */
  latest(action: string, subject: string): Promise<AdminEvent | null>;
  /** Newest first; `null`: of all environments, and of Station as a whole. */
  list(
    environments: readonly string[] | null,
    page: { readonly limit: number; readonly before?: number },
  ): Promise<readonly (AdminEvent & { readonly position: number })[]>;
};
