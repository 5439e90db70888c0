import { useQuery } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { createClient } from "../../http/client.ts";
import { api, queryClient } from "../api.ts";
import { Button } from "../kit/button.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { Field, TextInput } from "../kit/field.tsx";
import { showKey } from "../session.ts";
import { useTitle } from "../shell/title.ts";
import s from "./login.module.css";

/** `/login`: who is there? By the identity provider where one is configured, or with a key. */
export function LoginPage() {
  const { return: returnTo = "/" } = useSearch({ from: "/login" });
  useTitle("Log in");
  const { data } = useQuery({ queryKey: ["login-methods"], queryFn: () => api.getLoginMethods() });
  return (
    <main className={s.page}>
      <div className={s.card}>
        <span className={s.logo} aria-hidden />
        <h1 className={s.title}>Log in to Station</h1>
        {data?.refusal && (
          <p className={s.refusal} role="alert">
            You were not logged in: {data.refusal}
          </p>
        )}
        {data?.provider && (
          <>
            <a className={s.provider} href={`/auth/login?return=${encodeURIComponent(returnTo)}`}>
              Continue with your organisation
            </a>
            <p className={s.or}>or with a key</p>
          </>
        )}
        <WithKey returnTo={returnTo} isOnlyWay={data?.provider === false} />
      </div>
    </main>
  );
}

function WithKey({ returnTo, isOnlyWay }: { readonly returnTo: string; readonly isOnlyWay: boolean }) {
  const router = useRouter();
  const [key, setKey] = useState("");
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const comeIn = async (event: FormEvent) => {
    event.preventDefault();
    const given = key.trim();
    if (given === "" || isBusy) return setRefusal(given === "" ? "There is no key yet" : refusal);
    setBusy(true);
    try {
      await createClient({ baseUrl: location.origin, apiKey: given }).getMe();
      showKey(given);
      queryClient.clear();
      router.history.replace(returnTo);
    } catch (error) {
      setRefusal(whyOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={s.form} onSubmit={(event) => void comeIn(event)}>
      <Field
        label="API key or token"
        hint="It is kept in this tab only, and forgotten when the tab is closed."
        error={refusal}
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="password"
            name="key"
            placeholder="stn_…"
            value={key}
            onChange={(event) => {
              setKey(event.target.value);
              setRefusal(null);
            }}
          />
        )}
      </Field>
      <Button type="submit" look={isOnlyWay ? "primary" : "plain"} icon={KeyRound} wide>
        {isBusy ? "Asking…" : "Log in with the key"}
      </Button>
    </form>
  );
}
