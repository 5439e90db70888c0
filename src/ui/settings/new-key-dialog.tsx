import { useState } from "react";
import { DOES, SCOPES, type Scope } from "../../core/identity/permissions.ts";
import { api } from "../api.ts";
import { currentTime } from "../clock.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, Select, TextInput } from "../kit/field.tsx";
import { EnvironmentField, useEnvironmentChoice } from "./environment-field.tsx";
import s from "./settings.module.css";
import { useAct } from "./use-act.ts";

const DAY_MS = 86_400_000;
const LIFETIMES = { "30": "30 days", "90": "90 days", "365": "A year", ever: "For ever" } as const;

/** Asks what a key is for. */
export function NewKeyDialog({
  onClose,
  onIssued,
}: {
  readonly onClose: () => void;
  readonly onIssued: (issued: Awaited<ReturnType<typeof api.createKey>>) => void;
}) {
  const [name, setName] = useState("");
  const place = useEnvironmentChoice("admin");
  const { environment } = place;
  const [scopes, setScopes] = useState<readonly Scope[]>(["runs:read"]);
  const [lifetime, setLifetime] = useState<keyof typeof LIFETIMES>("90");
  const { act, isBusy, failure } = useAct();
  const why = whyNot(name, scopes);
  const make = () =>
    act(async () => {
      const days = Number(lifetime);
      const expiresAt = lifetime === "ever" ? null : new Date(currentTime() + days * DAY_MS).toISOString();
      onIssued(await api.createKey({ body: { name, environment, scopes: [...scopes], expiresAt } }));
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title="New API key"
      description="For a program. Its name stands in every audit trail, and is never given twice."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledBecause={why} onClick={() => void make()}>
            {isBusy ? "Making…" : "Make key"}
          </Button>
        </>
      }
    >
      <Field label="Name" hint="Lower case letters, digits and hyphens: ci, status-page" error={failure}>
        {(ids) => <TextInput {...ids} value={name} onChange={({ target }) => setName(target.value)} />}
      </Field>
      <EnvironmentField {...place} />
      <fieldset className={s.choices}>
        <legend className={s.legend}>It may</legend>
        {SCOPES.map((scope) => (
          <label key={scope} className={s.choice}>
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={({ target }) =>
                setScopes(target.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
              }
            />
            {DOES[scope]} <code className={s.faint}>{scope}</code>
          </label>
        ))}
      </fieldset>
      <Field label="Good for">
        {(ids) => (
          <Select
            {...ids}
            value={lifetime}
            onChange={({ target }) => setLifetime(target.value as keyof typeof LIFETIMES)}
          >
            {Object.entries(LIFETIMES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </Dialog>
  );
}

function whyNot(name: string, scopes: readonly Scope[]): string | null {
  if (!NAME.test(name)) return "It needs a name of lower case letters, digits and hyphens";
  return scopes.length === 0 ? "It may do nothing yet" : null;
}

/** Names of keys, hooks and subscriptions. */
export const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
