import { useQuery } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import type { ApiKey } from "../../http/schemas/keys.ts";
import { api, queryClient } from "../api.ts";
import { Note } from "../kit/badge.tsx";
import { IconButton } from "../kit/button.tsx";
import { Menu } from "../kit/menu.tsx";
import { Columns, Fact, Facts, Panel, Quiet } from "../kit/panel.tsx";
import { Time } from "../kit/time.tsx";
import { useMe, useRights } from "../system.ts";
import { AskDialog } from "./ask-dialog.tsx";
import { People } from "./configuration.tsx";
import { ListPanel } from "./list-panel.tsx";
import { NewKeyDialog } from "./new-key-dialog.tsx";
import { PlainTable } from "./plain-table.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import s from "./settings.module.css";
import { WATCHED } from "./watched.ts";

type Open =
  | { readonly is: "new" }
  | { readonly is: "issued"; readonly name: string; readonly secret: string }
  | { readonly is: "rotate" | "revoke"; readonly key: ApiKey };

const fresh = () => queryClient.invalidateQueries({ queryKey: ["settings"] });

/** Who may call: the keys of programs, and what was changed lately. */
export function AccessSection() {
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const keys = useQuery({ queryKey: ["settings", "keys"], queryFn: () => api.listKeys(), ...WATCHED });
  return (
    <>
      <Columns
        wide={
          <ListPanel
            title="API keys"
            one="key"
            many="keys"
            listing={keys}
            target="/api/v1/keys"
            sees="admin"
            makes="admin"
            onNew={() => setOpen({ is: "new" })}
            empty={<>There are no keys. Programs and CI call with one; people log in.</>}
          >
            <Keys
              keys={keys.data?.items ?? []}
              onRotate={(key) => setOpen({ is: "rotate", key })}
              onRevoke={(key) => setOpen({ is: "revoke", key })}
            />
          </ListPanel>
        }
        narrow={
          <>
            <You />
            <Panel title="For programs">
              <Facts>
                <Fact name="The API">
                  <a className={s.link} href="/api/docs">
                    Documentation with examples
                  </a>
                </Fact>
              </Facts>
            </Panel>
            <People />
            <Changes />
          </>
        }
      />
      {open?.is === "new" && (
        <NewKeyDialog
          onClose={close}
          onIssued={({ name, key }) => {
            setOpen({ is: "issued", name, secret: key });
            void fresh();
          }}
        />
      )}
      {open?.is === "issued" && (
        <SecretDialog
          title={`The key ${open.name}`}
          secret={open.secret}
          use="Programs send it as “Authorization: Bearer …”; for stn it is STATION_API_KEY."
          onClose={close}
        />
      )}
      {open?.is === "rotate" && (
        <AskDialog
          title={`Give ${open.key.name} a new secret?`}
          text="The one before stays good for another hour, so that whoever uses it can change over."
          action="Make a new secret"
          look="primary"
          onClose={close}
          onDo={async () => {
            const { name, environment } = open.key;
            const issued = await api.rotateKey({
              params: { name },
              query: { environment },
              body: { graceSeconds: 3600 },
            });
            setOpen({ is: "issued", name, secret: issued.key });
            void fresh();
          }}
        />
      )}
      {open?.is === "revoke" && (
        <AskDialog
          title={`Revoke ${open.key.name}?`}
          text="Whoever calls with it is refused, here at once and everywhere within five seconds. Its name is not given again."
          action="Revoke key"
          onClose={close}
          onDo={async () => {
            const { name, environment } = open.key;
            await api.revokeKey({ params: { name }, query: { environment } });
            close();
            void fresh();
          }}
        />
      )}
    </>
  );
}

function Keys({
  keys,
  onRotate,
  onRevoke,
}: {
  readonly keys: readonly ApiKey[];
  readonly onRotate: (key: ApiKey) => void;
  readonly onRevoke: (key: ApiKey) => void;
}) {
  return (
    <PlainTable heads={["Name", "~May", "Status", "~Last used", "~Good until"]}>
      {keys.map((key) => (
        <tr key={key.principal}>
          <td>
            <b>{key.name}</b> <span className={s.faint}>{key.environment}</span>
          </td>
          <td data-phone="hide">{key.scopes.join(", ")}</td>
          <td>
            <Note tone={key.status === "active" ? "good" : "quiet"}>{key.status}</Note>
          </td>
          <td data-phone="hide">{key.lastUsedAt === null ? "never" : <Time at={key.lastUsedAt} />}</td>
          <td data-phone="hide">{key.expiresAt === null ? "for ever" : <Time at={key.expiresAt} />}</td>
          <td className={s.end}>
            {key.status !== "revoked" && (
              <Menu
                items={[
                  { label: "New secret…", onSelect: () => onRotate(key) },
                  { label: "Revoke…", onSelect: () => onRevoke(key) },
                ]}
              >
                <IconButton icon={Ellipsis} label={`More for ${key.name}`} />
              </Menu>
            )}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

/** Who the server takes the person for. */
function You() {
  const { data: me } = useMe();
  if (!me) return null;
  return (
    <Panel title="You">
      <Facts>
        <Fact name="You are">
          <code>{me.id}</code>
        </Fact>
        {me.teams.length > 0 && <Fact name="Teams">{me.teams.join(", ")}</Fact>}
        {me.access.map(({ environment, roles, scopes }) => (
          <Fact key={environment} name={environment === "*" ? "Everywhere" : environment}>
            {(roles.length > 0 ? roles : scopes).join(", ")}
          </Fact>
        ))}
      </Facts>
      {me.access.length === 0 && <Quiet>You may do nothing here: nobody has given you a role.</Quiet>}
    </Panel>
  );
}

/** What was changed about Station itself. */
function Changes() {
  const { whyNot } = useRights();
  const { data } = useQuery({
    queryKey: ["settings", "changes"],
    queryFn: () => api.listAdminEvents({ query: { limit: 12 } }),
    ...WATCHED,
  });
  if (!data) return null;
  return (
    <Panel title="Changed lately">
      {data.items.length === 0 ? (
        <Quiet>{whyNot("admin") ?? "Nothing yet."}</Quiet>
      ) : (
        <ul className={s.changes}>
          {data.items.map(({ id, action, subject, actor, channel, at }) => (
            <li key={id} className={s.change}>
              <span className={s.what} title={`${action} ${subject}`}>
                {action.replace(".", " ")} <code>{subject}</code>
              </span>
              <span className={s.faint}>
                {actor} · {channel} · <Time at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
