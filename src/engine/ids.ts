import { ulid } from "../core/ulid.ts";
import type { Clock } from "./ports.ts";

/** A prefixed, sortable id: `run_` + ULID. */
export function newId(prefix: string, clock: Clock): string {
  return `${prefix}_${ulid(clock.now(), () => Math.floor(clock.random() * 32))}`;
}
