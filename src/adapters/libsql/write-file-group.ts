import { StoreUnavailable } from "../../engine/errors.ts";
import type { TaskMessage } from "../../engine/ports/queue.ts";
import type { Clock } from "../../engine/ports.ts";
import { isConstraint, whatFailed } from "./database.ts";
import { FileCommit } from "./file-commit.ts";
import type { FileDriver } from "./file-driver.ts";
import type { Outcome, WriteGroup } from "./group-commit.ts";
import type { Prepared } from "./prepare.ts";

/** Writes a group to the file in one transaction; a transition that breaks it is left out and the rest tried again. */
export function fileGroupWriter(db: FileDriver, clock: Clock, hideMs: number): WriteGroup {
  const commit = new FileCommit(db);
  return async (group) => {
    const guilty = new Map<Prepared, Outcome>();
    for (;;) {
      const timing = { now: clock.now(), hideMs };
      let current: Prepared | null = null;
      try {
        return db.transaction(() => {
          const messages: TaskMessage[] = [];
          const outcomes = group.map((item): Outcome => {
            const known = guilty.get(item);
            if (known) return known;
            current = item;
            const applied = commit.apply(item, timing);
            messages.push(...applied.messages);
            return applied;
          });
          current = null;
          return { outcomes, messages };
        });
      } catch (error) {
        if (current === null || !isItsOwnFault(error))
          throw new StoreUnavailable(whatFailed(error), { cause: error });
        guilty.set(current, { error });
      }
    }
  };
}

/** True when the transition is to blame and not the disk. */
function isItsOwnFault(error: unknown): boolean {
  return isConstraint(error) || error instanceof TypeError || error instanceof RangeError;
}
