import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { useRef, useState } from "react";
import type { Tone } from "../../core/view/status.ts";
import type { Hook, HookDeliveryRow } from "../../http/schemas/hooks.ts";
import { api, queryClient } from "../api.ts";
import { bytes } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { Button, IconButton } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { ErrorPanel, whyOf } from "../kit/error-panel.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Time } from "../kit/time.tsx";
import { say } from "../kit/toast.ts";
import { shortId } from "../runs/short-id.ts";
import { PlainTable } from "./plain-table.tsx";
import s from "./settings.module.css";
import { WATCHED } from "./watched.ts";

const STATUS: Readonly<Record<HookDeliveryRow["status"], { readonly word: string; readonly tone: Tone }>> = {
  RECEIVED: { word: "received", tone: "quiet" },
  INTERRUPTED: { word: "interrupted", tone: "bad" },
  STARTED: { word: "started a run", tone: "good" },
  SIGNALLED: { word: "signalled", tone: "good" },
  IGNORED: { word: "ignored", tone: "quiet" },
  FAILED: { word: "failed", tone: "bad" },
};

/** A hook's address, and the latest events that came to it. */
export function HookDeliveries({ hook: { hookId, name, path } }: { readonly hook: Hook }) {
  const [shown, setShown] = useState<string | null>(null);
  const key = ["runs", "hooks", hookId];
  const query = useQuery({
    queryKey: key,
    queryFn: () => api.listHookDeliveries({ params: { hookId }, query: { limit: 50 } }),
    ...WATCHED,
  });
  const isBusy = useRef(false);
  const again = async (deliveryId: string) => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      const { status, reason } = await api.redeliverHook({ params: { hookId, deliveryId } });
      say(reason ?? `Done again: ${STATUS[status].word}`, status === "FAILED" ? "error" : "success");
    } catch (error) {
      say(whyOf(error), "error");
    } finally {
      isBusy.current = false;
    }
    await queryClient.invalidateQueries({ queryKey: key });
  };
  const address = `${location.origin}${path}`;
  return (
    <Panel title={`What came to ${name}`}>
      <p className={s.address}>
        <code>{address}</code>
        <CopyButton text={address} name="Copy address" />
      </p>
      {query.isError && !query.data ? (
        <ErrorPanel
          what="What came to it could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : query.isPending ? (
        <SkeletonRows rows={2} label="Loading deliveries" />
      ) : query.data.items.length === 0 ? (
        <Quiet>Nothing has come yet that was signed with its secret.</Quiet>
      ) : (
        <PlainTable heads={["Came", "~Event", "What became of it"]}>
          {query.data.items.map(
            ({ deliveryId, receivedAt, eventId, eventType, status, runId, reason, ...row }) => (
              <tr key={deliveryId}>
                <td>
                  <button type="button" className={s.open} onClick={() => setShown(deliveryId)}>
                    <Time at={receivedAt} />
                  </button>
                  {row.redeliveredBy && <span className={s.faint}> again, by {row.redeliveredBy}</span>}
                </td>
                <td data-phone="hide">
                  {eventType && <code>{eventType}</code>}{" "}
                  <span className={s.faint}>{eventId ?? bytes(row.bytes)}</span>
                </td>
                <td>
                  <Note tone={STATUS[status].tone}>{STATUS[status].word}</Note>{" "}
                  {runId ? (
                    <Link to="/runs/$runId" params={{ runId }} search={{}} className={`${s.link} mono`}>
                      {shortId(runId)}
                    </Link>
                  ) : (
                    <span className={s.faint}>{reason ?? row.errors[0]?.message}</span>
                  )}
                </td>
                <td className={s.end}>
                  <IconButton icon={RotateCw} label="Do it again" onClick={() => void again(deliveryId)} />
                </td>
              </tr>
            ),
          )}
        </PlainTable>
      )}
      {shown !== null && <Event hookId={hookId} deliveryId={shown} onClose={() => setShown(null)} />}
    </Panel>
  );
}

/** An event as it came. */
function Event({
  hookId,
  deliveryId,
  onClose,
}: {
  readonly hookId: string;
  readonly deliveryId: string;
  readonly onClose: () => void;
}) {
  const { data, error } = useQuery({
    queryKey: ["runs", "hooks", hookId, deliveryId],
    queryFn: () => api.getHookDelivery({ params: { hookId, deliveryId } }),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="An event as it came"
      description={data ? `${data.contentType}, ${bytes(data.bytes)}` : "…"}
      wide
      scrolls
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {error && <p className={s.wrong}>{whyOf(error)}</p>}
      {data && (
        <>
          <pre className={s.text}>
            {Object.entries(data.headers)
              .map(([header, value]) => `${header}: ${value}`)
              .join("\n")}
          </pre>
          <pre className={s.text}>{data.body ?? "It was too long to be kept, or its run was purged."}</pre>
        </>
      )}
    </Dialog>
  );
}
