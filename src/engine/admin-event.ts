import type { By } from "../core/identity/channel.ts";
import { newId } from "./ids.ts";
import type { AdminEvent } from "./ports/admin-events.ts";
import type { Clock } from "./ports.ts";

/** What is told of a change to Station itself; it happens now. */
export function adminEvent(
  clock: Clock,
  { actor, channel }: By,
  what: Pick<AdminEvent, "action" | "environment" | "subject" | "data">,
): AdminEvent {
  return { id: newId("adm", clock), at: clock.now(), actor, channel, ...what };
}
