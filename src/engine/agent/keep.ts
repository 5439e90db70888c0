import type { AgentChange } from "../../core/agent/agent-run.ts";
import { StoreUnavailable } from "../errors.ts";
import type { Means } from "./means.ts";
import type { Session } from "./session.ts";

/** How often finished work is brought to a database that is away, with pauses up to two seconds between. */
const MAX_AWAY = 60;

/** The step is no longer in this worker's hands: nothing more may be done for it. */
export class HoldLost extends Error {
  override readonly name = "AbortError";
}

/**
 * Keeps what happened. A turn is paid for and a tool was called: a database that is away is no reason to have it done
 * again. Throws `HoldLost` when the step belongs to somebody else by now.
 */
export async function keep(
  { store, clock, log, sleep }: Pick<Means, "store" | "clock" | "log" | "sleep">,
  session: Session,
  changes: readonly AgentChange[],
): Promise<void> {
  for (let failures = 0; ; ) {
    try {
      const kept = await store.commit(session.run.id, session.hold, changes, clock.now());
      if (!kept) throw new HoldLost(`agent run ${session.run.id} is in other hands`);
      session.apply(changes);
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || ++failures === MAX_AWAY || session.signal.aborted)
        throw error;
      log.warn("agent's work not recorded yet", { agent_run_id: session.run.id, error: error.message });
      await sleep(Math.min(50 * 2 ** failures, 2000), session.signal);
    }
  }
}
