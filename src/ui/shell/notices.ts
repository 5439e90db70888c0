import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, queryClient } from "../api.ts";
import { followStream } from "../live.ts";

/** What a list shows is old once a notice of its topic came. Query keys begin with the topic. */
const TOPICS = ["runs", "approvals", "workflows"] as const;

/** However many notices come, a list is asked for again no more often. */
const REFRESH_MS = 1000;

/** Keeps lists and counts fresh while the page is open: one stream of small notices for all of them. */
function followNotices(): () => void {
  const due = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    timer = undefined;
    for (const topic of due) queryClient.invalidateQueries({ queryKey: [topic] }).catch(() => {});
    due.clear();
  };
  const stream = followStream({
    target: `/api/v1/stream?topics=${TOPICS.join(",")}`,
    onMessages(messages) {
      for (const { event } of messages) if ((TOPICS as readonly string[]).includes(event)) due.add(event);
      if (due.size > 0) timer ??= setTimeout(refresh, REFRESH_MS);
    },
    onRefused: () => {},
    onAgain() {
      for (const topic of TOPICS) due.add(topic);
      timer ??= setTimeout(refresh, 0);
    },
  });
  return () => {
    clearTimeout(timer);
    stream.close();
  };
}

/** The numbers in the sidebar. */
export function useCounts(): { readonly running?: number; readonly approvals?: number } {
  useEffect(followNotices, []);
  const { data } = useQuery({ queryKey: ["runs", "counts", {}], queryFn: () => api.countRuns() });
  if (!data) return {};
  const { counts } = data;
  return { running: counts.RUNNING ?? 0, approvals: counts.WAITING_APPROVAL ?? 0 };
}
