import { useState } from "react";
import { NOTIFICATION_TYPES, type NotificationType } from "../../core/notify/types.ts";
import { api } from "../api.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, Select, TextInput } from "../kit/field.tsx";
import { EnvironmentField, useEnvironmentChoice } from "./environment-field.tsx";
import { NAME } from "./new-key-dialog.tsx";
import s from "./settings.module.css";
import { useAct } from "./use-act.ts";

const KINDS = { webhook: "A server (webhook)", slack: "A Slack channel", mail: "People by mail" } as const;
type Kind = keyof typeof KINDS;

/** Asks who is told, and of what. */
export function NewSubscriptionDialog({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (issued: Awaited<ReturnType<typeof api.createSubscription>>) => void;
}) {
  const [name, setName] = useState("");
  const place = useEnvironmentChoice("admin");
  const { environment } = place;
  const [kind, setKind] = useState<Kind>("webhook");
  const [where, setWhere] = useState("");
  const [types, setTypes] = useState<readonly NotificationType[]>(["run.failed", "approval.requested"]);
  const { act, isBusy, failure } = useAct();
  const make = () =>
    act(async () => {
      const to = where.split(/[\s,;]+/).filter((address) => address !== "");
      const channel = kind === "mail" ? { kind, to } : { kind, url: where };
      onMade(await api.createSubscription({ body: { name, environment, types: [...types], channel } }));
    });
  const why = !NAME.test(name)
    ? "It needs a name of lower case letters, digits and hyphens"
    : where === ""
      ? "Where is it sent?"
      : types.length === 0
        ? "Of what is it told?"
        : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="New subscription"
      description="Of what happens from then on, at least once, also when the receiver is away for a while."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledBecause={why} onClick={() => void make()}>
            {isBusy ? "Making…" : "Make subscription"}
          </Button>
        </>
      }
    >
      <Field label="Name" hint="Lower case letters, digits and hyphens: on-call" error={failure}>
        {(ids) => <TextInput {...ids} value={name} onChange={({ target }) => setName(target.value)} />}
      </Field>
      <EnvironmentField {...place} />
      <Field label="Tells">
        {(ids) => (
          <Select {...ids} value={kind} onChange={({ target }) => setKind(target.value as Kind)}>
            {Object.entries(KINDS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={kind === "mail" ? "Addresses" : "Address"} hint={HINTS[kind]}>
        {(ids) => <TextInput {...ids} value={where} onChange={({ target }) => setWhere(target.value)} />}
      </Field>
      <fieldset className={s.choices} data-pairs>
        <legend className={s.legend}>Of</legend>
        {NOTIFICATION_TYPES.map((type) => (
          <label key={type} className={s.choice}>
            <input
              type="checkbox"
              checked={types.includes(type)}
              onChange={({ target }) =>
                setTypes(target.checked ? [...types, type] : types.filter((one) => one !== type))
              }
            />
            <code>{type}</code>
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}

const HINTS: Readonly<Record<Kind, string>> = {
  webhook: "https://…: its secret is shown once, when the subscription is made",
  slack: "The address of an incoming webhook: it is a secret, and is not shown again",
  mail: "Several, with commas between them",
};
