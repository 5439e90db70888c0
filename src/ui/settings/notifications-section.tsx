import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import type { Subscription } from "../../http/schemas/notifications.ts";
import { api, queryClient } from "../api.ts";
import { Note } from "../kit/badge.tsx";
import { IconButton } from "../kit/button.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { Menu } from "../kit/menu.tsx";
import { PageBody } from "../kit/page.tsx";
import { say } from "../kit/toast.ts";
import { AskDialog } from "./ask-dialog.tsx";
import { ListPanel } from "./list-panel.tsx";
import { NewSubscriptionDialog } from "./new-subscription-dialog.tsx";
import { PlainTable } from "./plain-table.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import s from "./settings.module.css";
import { ToldList } from "./told-list.tsx";
import { WATCHED } from "./watched.ts";

const KEY = ["settings", "subscriptions"];
const fresh = () => queryClient.invalidateQueries({ queryKey: KEY });

type Open =
  | { readonly is: "new" }
  | { readonly is: "issued"; readonly name: string; readonly secret: string }
  | { readonly is: "delete"; readonly subscription: Subscription };

/** Who is told of what happens to runs, and what is on its way to them. */
export function NotificationsSection() {
  const search = useSearch({ from: "/settings/$section" });
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const query = useQuery({ queryKey: KEY, queryFn: () => api.listSubscriptions(), ...WATCHED });
  const items = query.data?.items ?? [];
  const chosen = items.find(
    ({ name, environment }) => name === search.name && environment === (search.environment ?? environment),
  );
  const look = ({ name, environment }: Subscription) =>
    void navigate({
      to: "/settings/$section",
      params: { section: "notifications" },
      search: { name, environment },
    });
  return (
    <PageBody label="Notifications">
      <div className={s.stack} data-wide>
        <ListPanel
          title="Who is told"
          one="subscription"
          many="subscriptions"
          listing={query}
          target="/api/v1/notifications/subscriptions"
          sees="admin"
          makes="admin"
          onNew={() => setOpen({ is: "new" })}
          empty={
            <>
              Nobody is told of what happens to runs. A subscription tells a server, a Slack channel or people
              by mail.
            </>
          }
        >
          <PlainTable heads={["Name", "Tells", "~Of", "~Status"]}>
            {items.map((subscription) => {
              const { name, environment, channel, types, status, disabledBecause } = subscription;
              return (
                <tr key={`${environment}/${name}`} data-current={subscription === chosen || undefined}>
                  <td>
                    <button type="button" className={s.open} onClick={() => look(subscription)}>
                      {name}
                    </button>{" "}
                    <span className={s.faint}>{environment}</span>
                  </td>
                  <td>
                    {channel.kind} <span className={s.faint}>{channel.target}</span>
                  </td>
                  <td data-phone="hide">{types.join(", ")}</td>
                  <td data-phone="hide">
                    <Note tone={status === "enabled" ? "good" : "quiet"}>{status}</Note>{" "}
                    {disabledBecause === "gone" && (
                      <span className={s.faint}>the receiver is gone (410)</span>
                    )}
                  </td>
                  <td className={s.end}>
                    <Menu items={actionsOf(subscription, look, setOpen)}>
                      <IconButton icon={Ellipsis} label={`More for ${name}`} />
                    </Menu>
                  </td>
                </tr>
              );
            })}
          </PlainTable>
        </ListPanel>
        <ToldList subscription={chosen} />
      </div>
      {open?.is === "new" && (
        <NewSubscriptionDialog
          onClose={close}
          onMade={({ secret, ...subscription }) => {
            setOpen(secret === null ? null : { is: "issued", name: subscription.name, secret });
            look(subscription);
            void fresh();
          }}
        />
      )}
      {open?.is === "issued" && (
        <SecretDialog
          title={`The secret of ${open.name}`}
          secret={open.secret}
          use="The receiver checks with it that a message is Station's (Standard Webhooks)."
          onClose={close}
        />
      )}
      {open?.is === "delete" && (
        <AskDialog
          title={`Delete ${open.subscription.name}?`}
          text="Nobody is told by it any more. What is on its way is dropped, and stays visible."
          action="Delete subscription"
          onClose={close}
          onDo={async () => {
            const { name, environment } = open.subscription;
            await api.deleteSubscription({ params: { name }, query: { environment } });
            close();
            await fresh();
          }}
        />
      )}
    </PageBody>
  );
}

function actionsOf(
  subscription: Subscription,
  onLook: (subscription: Subscription) => void,
  onOpen: (open: Open) => void,
) {
  const { name, environment, status } = subscription;
  const asked = { params: { name }, query: { environment } };
  const isEnabled = status === "enabled";
  const trying = (what: () => Promise<string>) => async () => {
    try {
      say(await what());
    } catch (error) {
      say(whyOf(error), "error");
    }
    await fresh();
  };
  const test = trying(async () => {
    const { results } = await api.testSubscription(asked);
    const failed = results.find(({ delivered }) => !delivered);
    if (!failed) return `The test arrived: ${results.map(({ answer }) => answer ?? "taken").join(", ")}`;
    throw new Error(`The test did not arrive: ${failed.error ?? failed.answer ?? failed.status}`);
  });
  const change = trying(async () => {
    await (isEnabled ? api.disableSubscription(asked) : api.enableSubscription(asked));
    return isEnabled ? `${name} tells nothing any more` : `${name} tells again`;
  });
  return [
    { label: "What it was told", onSelect: () => onLook(subscription) },
    { label: "Send a test", onSelect: () => void test() },
    { label: isEnabled ? "Disable" : "Enable", onSelect: () => void change() },
    { label: "Delete…", onSelect: () => onOpen({ is: "delete", subscription }) },
  ];
}
