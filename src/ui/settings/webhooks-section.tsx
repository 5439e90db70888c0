import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import type { Hook } from "../../http/schemas/hooks.ts";
import { api, queryClient } from "../api.ts";
import { Note } from "../kit/badge.tsx";
import { IconButton } from "../kit/button.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { Menu } from "../kit/menu.tsx";
import { PageBody } from "../kit/page.tsx";
import { say } from "../kit/toast.ts";
import { type Rights, useRights } from "../system.ts";
import { AskDialog } from "./ask-dialog.tsx";
import { HookDeliveries } from "./hook-deliveries.tsx";
import { ListPanel } from "./list-panel.tsx";
import { NewHookDialog } from "./new-hook-dialog.tsx";
import { PlainTable } from "./plain-table.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import s from "./settings.module.css";
import { TryHookDialog } from "./try-hook-dialog.tsx";
import { WATCHED } from "./watched.ts";

const KEY = ["runs", "hooks"];
const fresh = () => queryClient.invalidateQueries({ queryKey: KEY });

type Open =
  | { readonly is: "new" }
  | { readonly is: "issued"; readonly hook: Hook; readonly secret: string }
  | { readonly is: "test" | "rotate" | "delete"; readonly hook: Hook };

/** Addresses for other systems' events, and what came of those. */
export function WebhooksSection() {
  const search = useSearch({ from: "/settings/$section" });
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const { whyNot } = useRights();
  const query = useQuery({ queryKey: KEY, queryFn: () => api.listHooks(), ...WATCHED });
  const items = query.data?.items ?? [];
  const chosen = items.find(({ hookId }) => hookId === search.name);
  const look = ({ hookId, environment }: Hook) =>
    void navigate({
      to: "/settings/$section",
      params: { section: "webhooks" },
      search: { name: hookId, environment },
    });
  // First of all: what is gone is not asked for again.
  const leave = () =>
    navigate({ to: "/settings/$section", params: { section: "webhooks" }, search: {}, replace: true });
  return (
    <PageBody label="Webhooks">
      <div className={s.stack} data-wide>
        <ListPanel
          title="All webhooks"
          one="webhook"
          many="webhooks"
          listing={query}
          target="/api/v1/hooks"
          sees="runs:write"
          makes="admin"
          onNew={() => setOpen({ is: "new" })}
          empty={
            <>
              No other system tells Station anything. A webhook is an address for its events: each starts a
              run, or is a signal to one.
            </>
          }
        >
          <PlainTable heads={["Name", "~Senders prove themselves by", "An event", "~Status"]}>
            {items.map((hook) => (
              <tr key={hook.hookId} data-current={hook === chosen || undefined}>
                <td>
                  <button type="button" className={s.open} onClick={() => look(hook)}>
                    {hook.name}
                  </button>{" "}
                  <span className={s.faint}>{hook.environment}</span>
                </td>
                <td data-phone="hide">{SCHEMES[hook.scheme.type]}</td>
                <td>{effectOf(hook)}</td>
                <td data-phone="hide">
                  <Note tone={hook.status === "enabled" ? "good" : "quiet"}>{hook.status}</Note>
                </td>
                <td className={s.end}>
                  <Menu items={actionsOf(hook, whyNot, look, setOpen)}>
                    <IconButton icon={Ellipsis} label={`More for ${hook.name}`} />
                  </Menu>
                </td>
              </tr>
            ))}
          </PlainTable>
        </ListPanel>
        {chosen && <HookDeliveries hook={chosen} />}
      </div>
      {open?.is === "new" && (
        <NewHookDialog
          onClose={close}
          onMade={({ secret, ...hook }) => {
            setOpen({ is: "issued", hook, secret });
            look(hook);
            void fresh();
          }}
        />
      )}
      {open?.is === "issued" && (
        <SecretDialog
          title={`The secret of ${open.hook.name}`}
          secret={open.secret}
          use={`Give it to the sender, with the address ${location.origin}${open.hook.path}`}
          onClose={close}
        />
      )}
      {open?.is === "test" && <TryHookDialog hook={open.hook} onClose={close} />}
      {open?.is === "rotate" && (
        <AskDialog
          title={`Give ${open.hook.name} a new secret?`}
          text="The one before stays good for a day, so that the sender can change over."
          action="Make a new secret"
          look="primary"
          onClose={close}
          onDo={async () => {
            const { secret, ...hook } = await api.rotateHook({
              params: { hookId: open.hook.hookId },
              body: { graceSeconds: 86_400 },
            });
            setOpen({ is: "issued", hook, secret });
            await fresh();
          }}
        />
      )}
      {open?.is === "delete" && (
        <AskDialog
          title={`Delete ${open.hook.name}?`}
          text="Senders are told that there is no such address, and what it received is forgotten. Runs it started stay."
          action="Delete webhook"
          onClose={close}
          onDo={async () => {
            await api.deleteHook({ params: { hookId: open.hook.hookId } });
            close();
            await leave();
            await fresh();
          }}
        />
      )}
    </PageBody>
  );
}

function actionsOf(
  hook: Hook,
  whyNot: Rights["whyNot"],
  onLook: (hook: Hook) => void,
  onOpen: (open: Open) => void,
) {
  const { hookId, name, environment, status } = hook;
  const disabledBecause = whyNot("admin", environment);
  const isEnabled = status === "enabled";
  const change = async () => {
    try {
      await (isEnabled ? api.disableHook({ params: { hookId } }) : api.enableHook({ params: { hookId } }));
      say(isEnabled ? `${name} takes no events any more` : `${name} takes events again`, "success");
    } catch (error) {
      say(whyOf(error), "error");
    }
    await fresh();
  };
  return [
    { label: "Address and deliveries", onSelect: () => onLook(hook) },
    {
      label: "Test…",
      disabledBecause: whyNot("runs:write", environment),
      onSelect: () => onOpen({ is: "test", hook }),
    },
    { label: isEnabled ? "Disable" : "Enable", disabledBecause, onSelect: () => void change() },
    { label: "New secret…", disabledBecause, onSelect: () => onOpen({ is: "rotate", hook }) },
    { label: "Delete…", disabledBecause, onSelect: () => onOpen({ is: "delete", hook }) },
  ];
}

const SCHEMES: Readonly<Record<Hook["scheme"]["type"], string>> = {
  "standard-webhooks": "Standard Webhooks",
  github: "GitHub's signature",
  hmac: "a signature (HMAC)",
  bearer: "a token",
};

function effectOf({ target }: Hook) {
  return target.type === "start-run" ? (
    <>
      starts <code>{target.workflowId}</code>
    </>
  ) : (
    <>
      is the signal <code>{target.signal}</code>
    </>
  );
}
