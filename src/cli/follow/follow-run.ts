import type { Client } from "../../http/client.ts";
import type { Run, RunEventItem } from "../../http/schemas/runs.ts";
import type { Display } from "./display.ts";
import { follow, type RunView, viewOf } from "./view.ts";

/** How following ended: with the run, or because nobody wanted to look any longer. */
export type FollowResult = { readonly view: RunView; readonly isOver: boolean };

/** An attempt to connect has succeeded or failed after so long. */
const CONNECT_MS = 3000;

/**
 * Follows a run to its end and shows it. A server that goes away and comes back costs time, no event and no line.
 * Rejects when the server is not there at the beginning, or refuses.
 */
export async function followRun(
  client: Client,
  run: Pick<Run, "runId" | "workflowId" | "workflowVersion" | "environment">,
  display: Display,
  signal: AbortSignal,
  onEvent: (item: RunEventItem, view: RunView) => void = () => {},
): Promise<FollowResult> {
  const { runId, workflowId: id, workflowVersion: version, environment } = run;
  const params = { id, version };
  const { definition } = await client.getWorkflowVersion({ params, query: { environment }, signal });
  let view = viewOf(definition);
  let isTroubled = false;
  let calming: NodeJS.Timeout | undefined;
  const calm = () => {
    clearTimeout(calming);
    if (isTroubled) display.trouble(null);
    isTroubled = false;
  };
  const stream = client.stream(runId, {
    signal,
    onCaughtUp: () => display.caughtUp(view),
    onReconnect({ error, inMs }) {
      // A server that closes in order (it does so before proxies would) is back at once: not worth a word.
      if (error === null) return;
      clearTimeout(calming);
      // An attempt that fails is reported again: silence after it means that the stream is back.
      calming = setTimeout(calm, inMs + CONNECT_MS);
      if (!isTroubled) display.trouble("connection lost; the run goes on, reconnecting");
      isTroubled = true;
    },
  });
  try {
    for await (const item of stream) {
      calm();
      view = follow(view, item);
      display.event(item, view);
      onEvent(item, view);
    }
  } finally {
    clearTimeout(calming);
    display.finish(view);
  }
  return { view, isOver: view.endedAt !== null };
}
