import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import type { Tone } from "../../core/view/status.ts";
import type { Delivery, Subscription } from "../../http/schemas/notifications.ts";
import { api, queryClient } from "../api.ts";
import { plural } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { Button, IconButton } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { ErrorPanel, whyOf } from "../kit/error-panel.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Time } from "../kit/time.tsx";
import { say } from "../kit/toast.ts";
import { shortId } from "../runs/short-id.ts";
import { useRights } from "../system.ts";
import { PlainTable } from "./plain-table.tsx";
import s from "./settings.module.css";
import { WATCHED } from "./watched.ts";

const STATUS: Readonly<Record<Delivery["status"], { readonly word: string; readonly tone: Tone }>> = {
  PENDING: { word: "on its way", tone: "work" },
  DELIVERED: { word: "arrived", tone: "good" },
  DEAD: { word: "given up", tone: "bad" },
  DROPPED: { word: "dropped", tone: "quiet" },
};

/** Runs change, somebody is told of it: what is shown is old when runs are. */
const KEY = ["runs", "told"];

/** What was told, or is on its way: by one subscription, or by all. */
export function ToldList({ subscription }: { readonly subscription: Subscription | undefined }) {
  const [shown, setShown] = useState<Delivery | null>(null);
  const { whyNot } = useRights();
  const filter = subscription && { subscription: subscription.name, environment: subscription.environment };
  const query = useQuery({
    queryKey: [...KEY, filter],
    queryFn: () => api.listNotifications({ query: { limit: 50, ...filter } }),
    ...WATCHED,
  });
  const again = async (notificationId: string) => {
    try {
      await api.redeliverNotification({ params: { notificationId } });
      say("It is sent again, under the same id");
    } catch (error) {
      say(whyOf(error), "error");
    }
    await queryClient.invalidateQueries({ queryKey: KEY });
  };
  return (
    <Panel title={subscription ? `What ${subscription.name} was told` : "What was told"}>
      {query.isError && !query.data ? (
        <ErrorPanel
          what="What was told could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target="/api/v1/notifications/deliveries"
        />
      ) : query.isPending ? (
        <SkeletonRows rows={2} label="Loading deliveries" />
      ) : query.data.items.length === 0 ? (
        <Quiet>{whyNot("runs:write") ?? "Nothing yet."}</Quiet>
      ) : (
        <PlainTable heads={["Of", "~Run", "Became", "~When"]}>
          {query.data.items.map((delivery) => (
            <tr key={delivery.notificationId}>
              <td>
                <button type="button" className={s.open} onClick={() => setShown(delivery)}>
                  {delivery.type}
                </button>{" "}
                <span className={s.faint}>{delivery.recipient ?? delivery.channel}</span>
              </td>
              <td data-phone="hide">
                <Link
                  to="/runs/$runId"
                  params={{ runId: delivery.runId }}
                  search={{}}
                  className={`${s.link} mono`}
                >
                  {shortId(delivery.runId)}
                </Link>
              </td>
              <td>
                <Note tone={STATUS[delivery.status].tone}>{STATUS[delivery.status].word}</Note>{" "}
                <span className={s.faint}>
                  {delivery.attempts > 1 && `${plural(delivery.attempts, "attempt")} `}
                  {delivery.latest?.error ?? delivery.latest?.status}
                  {delivery.dueAt !== null && (
                    <>
                      {" "}
                      next <Time at={delivery.dueAt} />
                    </>
                  )}
                </span>
              </td>
              <td data-phone="hide">
                <Time at={delivery.createdAt} />
              </td>
              <td className={s.end}>
                <IconButton
                  icon={RotateCw}
                  label="Send it again"
                  onClick={() => void again(delivery.notificationId)}
                />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {shown && (
        <Dialog
          open
          onClose={() => setShown(null)}
          title={shown.type}
          description={`${STATUS[shown.status].word}, ${plural(shown.attempts, "attempt")}. ${shown.latest?.answer ?? ""}`}
          wide
          scrolls
          footer={<Button onClick={() => setShown(null)}>Close</Button>}
        >
          <JsonTree value={shown.payload} name="payload" />
        </Dialog>
      )}
    </Panel>
  );
}
