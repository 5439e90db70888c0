import type { RunId } from "../core/run/ids.ts";
import { pause } from "./pause.ts";
import type { Ports } from "./ports.ts";

/** What a list can be about. */
export const TOPICS = ["runs", "approvals", "workflows"] as const;
export type Topic = (typeof TOPICS)[number];

/** Something of a topic changed. Of many runs only some are named. */
export type Notice =
  | { readonly topic: "runs"; readonly runIds: readonly RunId[]; readonly more: boolean }
  | { readonly topic: "approvals" | "workflows" };

/** However much happens, one look in so long. */
const LOOK_EVERY_MS = 500;
/** Workflows announce nothing: whether one changed is looked up. */
const LOOK_AT_WORKFLOWS_EVERY = 4;
const MOST_RUN_IDS = 50;

type Listener = {
  readonly wanted: ReadonlySet<Topic>;
  runIds: Set<RunId>;
  due: Set<Topic>;
  wake: (() => void) | null;
};

/**
 * Tells lists that they are old. One look at the store serves every listener of this process, and without listeners
 * there is none.
 */
export function createNotices(ports: Pick<Ports, "store" | "queue" | "log">) {
  const listeners = new Set<Listener>();
  let looking: { stop(): void } | null = null;

  const tell = (topic: Topic, runIds: readonly RunId[] = []) => {
    for (const listener of listeners) {
      if (!listener.wanted.has(topic)) continue;
      listener.due.add(topic);
      for (const runId of runIds) listener.runIds.add(runId);
      listener.wake?.();
    }
  };

  return {
    async *follow(wanted: ReadonlySet<Topic>, signal: AbortSignal): AsyncGenerator<Notice> {
      const listener: Listener = { wanted, runIds: new Set(), due: new Set(), wake: null };
      const onAbort = () => listener.wake?.();
      signal.addEventListener("abort", onAbort);
      listeners.add(listener);
      looking ??= look(ports, tell);
      try {
        while (!signal.aborted) {
          const { due, runIds } = listener;
          listener.due = new Set();
          listener.runIds = new Set();
          for (const topic of due) {
            if (topic !== "runs") yield { topic };
            else {
              const named = [...runIds].slice(0, MOST_RUN_IDS);
              yield { topic, runIds: named, more: runIds.size > named.length };
            }
          }
          if (listener.due.size > 0) continue;
          await new Promise<void>((resolve) => {
            listener.wake = resolve;
          });
          listener.wake = null;
        }
      } finally {
        signal.removeEventListener("abort", onAbort);
        listeners.delete(listener);
        if (listeners.size === 0) {
          looking?.stop();
          looking = null;
        }
      }
    },
  };
}

/** Looks while somebody listens: at once for what was announced, now and then for what nobody announces. */
function look(
  { store, queue, log }: Pick<Ports, "store" | "queue" | "log">,
  tell: (topic: Topic, runIds?: readonly RunId[]) => void,
) {
  const over = new AbortController();
  const announced = new Set<RunId>();
  const silence = queue.onAnnounced((runIds) => {
    for (const runId of runIds) announced.add(runId);
  });
  let approvals: string | null = null;
  let workflows: string | null = null;

  const once = async (turn: number) => {
    const runIds = [...announced];
    announced.clear();
    if (runIds.length > 0) tell("runs", runIds);
    if (runIds.length > 0 || approvals === null) {
      const open = await store.queries.approvals({ status: ["PENDING"] }, { limit: 200 });
      const seen = open.map(({ id, decisions }) => `${id}:${decisions.length}`).join();
      if (approvals !== null && approvals !== seen) tell("approvals");
      approvals = seen;
    }
    if (turn % LOOK_AT_WORKFLOWS_EVERY !== 0) return;
    const mark = await store.workflows.mark();
    if (workflows !== null && workflows !== mark) tell("workflows");
    workflows = mark;
  };

  const run = async () => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      try {
        await once(turn);
      } catch (error) {
        // The store is away: lists are read again when it is back.
        log.warn("cannot look for what changed", { error: String(error) });
      }
      await pause(LOOK_EVERY_MS, over.signal);
    }
  };
  void run();
  return {
    stop() {
      over.abort();
      silence();
    },
  };
}
