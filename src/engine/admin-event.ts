import { newId } from "./ids.ts";
import type { AdminEvent } from "./ports/admin-events.ts";
import type { Clock } from "./ports.ts";

/** Who changes something about Station itself, and by which way: `api`, `sync`, `worker`. */
export type By = { readonly actor: string; readonly channel: string };

/** What is told of a change to Station itself; it happens now. */
export function adminEvent(
  clock: Clock,
  { actor, channel }: By,
  what: Pick<AdminEvent, "action" | "environment" | "subject" | "data">,
): AdminEvent {
  return { id: newId("adm", clock), at: clock.now(), actor, channel, ...what };
}
