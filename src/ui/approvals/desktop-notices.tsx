import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { api } from "../api.ts";

/** The stream of notices sleeps while the page is hidden: then it is asked for so often. */
const HIDDEN_MS = 30_000;

/**
 * Shows what begins to wait for this person outside of the page, once each: what waits already when the page is opened
 * is not news. Open in several tabs, the browser shows one: they have the same tag.
 */
export function DesktopNotices() {
  const navigate = useNavigate();
  const known = useRef<ReadonlySet<string> | null>(null);
  const { data } = useQuery({
    queryKey: ["approvals", "desktop"],
    queryFn: () => api.listApprovals({ query: { mine: true, limit: 50 } }),
    refetchInterval: HIDDEN_MS,
    refetchIntervalInBackground: true,
  });
  useEffect(() => {
    if (!data) return;
    const before = known.current;
    known.current = new Set([...(before ?? []), ...data.items.map(({ approvalId }) => approvalId)]);
    for (const { approvalId, title, message, workflowId } of data.items) {
      if (before === null || before.has(approvalId)) continue;
      const notice = new Notification(title ?? message, {
        body: title === null ? workflowId : `${workflowId}: ${message}`,
        tag: approvalId,
      });
      notice.onclick = () => {
        window.focus();
        void navigate({ to: "/approvals", search: { approval: approvalId } });
        notice.close();
      };
    }
  }, [data, navigate]);
  return null;
}
