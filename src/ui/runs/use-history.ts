import { useEffect, useMemo, useSyncExternalStore } from "react";
import { ApiError, Unreachable } from "../../http/client/errors.ts";
import type { Message } from "../../http/client/sse-parser.ts";
import type { Progress } from "../../http/client/stream.ts";
import type { RunEventItem } from "../../http/schemas/runs.ts";
import { api } from "../api.ts";
import { followStream, mayPass } from "../live.ts";
import { History } from "./model/history.ts";

/** A run's events as far as they are here. */
export type HistoryState = {
  /** Null until the first event and the run's definition are here. */
  readonly history: History | null;
  /** Changes with every batch of events. */
  readonly version: number;
  /** The history is whole; what follows happens now. */
  readonly isCaughtUp: boolean;
  readonly error: unknown;
};

/** Follows a run from its first event on. */
export function useHistory(runId: string): HistoryState {
  const store = useMemo(() => createStore(runId), [runId]);
  useEffect(() => store.open(), [store]);
  return useSyncExternalStore(store.subscribe, store.state);
}

/** How often what has come of a long history is drawn. */
const LOADING_MS = 400;
/** Until what is needed beside the stream is asked for again. */
const AGAIN_MS = 1500;

function createStore(runId: string) {
  const listeners = new Set<() => void>();
  let state: HistoryState = { history: null, version: 0, isCaughtUp: false, error: null };
  let waiting: RunEventItem[] = [];
  let stream: { close(): void } | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;

  const change = (part: Partial<HistoryState>) => {
    state = { ...state, ...part, version: state.version + 1 };
    for (const listener of listeners) listener();
  };

  const take = (messages: readonly Message[]) => {
    const isFirst = state.history === null && waiting.length === 0;
    for (const { id, event, data } of messages)
      if (id !== undefined) waiting.push(JSON.parse(data) as RunEventItem);
      else if (event?.startsWith("agent.")) state.history?.agents.take(JSON.parse(data) as Progress);
    const isCaughtUp = state.isCaughtUp || messages.some(({ event }) => event === "caught-up");
    if (state.history) {
      const isWhole = state.history.append(waiting);
      waiting = [];
      show(isCaughtUp);
      if (!isWhole) follow(); // never seen; behind a gap nothing would ever be taken again
    } else {
      state = { ...state, isCaughtUp };
      if (isFirst) define();
    }
  };

  // While a long history comes in, drawing each frame of it would take longer than reading it.
  const show = (isCaughtUp: boolean) => {
    state = { ...state, isCaughtUp };
    const wait = isCaughtUp ? 0 : shownAt + LOADING_MS - performance.now();
    clearTimeout(timer);
    const now = () => {
      shownAt = performance.now();
      change({ isCaughtUp });
    };
    if (wait <= 0) now();
    else timer = setTimeout(now, wait);
  };

  const define = () => {
    load().catch((error: unknown) => {
      const isPassing = error instanceof Unreachable || (error instanceof ApiError && mayPass(error));
      if (!isPassing) change({ error });
      else if (stream) again = setTimeout(define, AGAIN_MS);
    });
  };

  const load = async () => {
    const workflow = waiting[0]?.data["workflow"] as
      | { readonly id: string; readonly version: number; readonly environment: string }
      | undefined;
    if (!workflow) throw new Error("the run's first event does not say what runs");
    const { definition } = await api.getWorkflowVersion({
      params: { id: workflow.id, version: workflow.version },
      query: { environment: workflow.environment },
    });
    if (state.history !== null) return; // asked for twice
    const history = new History(definition);
    history.append(waiting);
    waiting = [];
    change({ history });
  };

  const follow = () => {
    stream?.close();
    const known = state.history?.seq ?? 0;
    waiting = [];
    stream = followStream({
      target: `/api/v1/workflow-runs/${encodeURIComponent(runId)}/stream`,
      ...(known > 0 && { lastId: String(known) }),
      onMessages: take,
      onRefused: (error) => change({ error }),
      onEnd: () => change({ isCaughtUp: true }),
    });
  };

  return {
    state: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open() {
      follow();
      return () => {
        stream?.close();
        stream = null;
        clearTimeout(timer);
        clearTimeout(again);
      };
    },
  };
}
