import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { JsonValue } from "../../core/json.ts";
import type { Hook, HookTrialResult } from "../../http/schemas/hooks.ts";
import { api } from "../api.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, TextArea } from "../kit/field.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import { parseJson } from "../kit/parse-json.ts";
import { headersOf } from "./headers-of.ts";
import s from "./settings.module.css";
import { useAct } from "./use-act.ts";

/** Shows what would come of an event, beginning with the last one that came. Nothing is started and nothing is kept. */
export function TryHookDialog({
  hook: { hookId, name },
  onClose,
}: {
  readonly hook: Hook;
  readonly onClose: () => void;
}) {
  const last = useQuery({ queryKey: ["runs", "hooks", hookId, "last"], queryFn: () => lastEventOf(hookId) });
  const [typedBody, setBody] = useState<string | null>(null);
  const [typedHeaders, setHeaders] = useState<string | null>(null);
  const [result, setResult] = useState<HookTrialResult | null>(null);
  const body = typedBody ?? last.data?.body ?? "{}";
  const headers = typedHeaders ?? last.data?.headers ?? "";
  const parsed = parseJson(body);
  const named = headersOf(headers);
  const { act, isBusy, failure } = useAct();
  const wrong = parsed.ok && named !== null ? null : "The event is not written as it should be";
  const test = () =>
    act(async () => {
      setResult(null);
      if (!parsed.ok || named === null) return;
      setResult(
        await api.testHook({ params: { hookId }, body: { body: parsed.value, headers: { ...named } } }),
      );
    });
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={`Test ${name}`}
      description="Shows what would come of an event. Nothing is started and nothing is kept; no signature is asked for."
      onSubmit={() => void test()}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledBecause={wrong} onClick={() => void test()}>
            {isBusy ? "Testing…" : "Test"}
          </Button>
        </>
      }
    >
      <Field label="Body (JSON)" error={parsed.ok ? failure : parsed.message}>
        {(ids) => (
          <TextArea {...ids} rows={6} value={body} onChange={({ target }) => setBody(target.value)} />
        )}
      </Field>
      <Field
        label="Headers"
        hint="One a line, such as x-github-event: push"
        error={named === null ? "A header is a name, a colon and a value" : null}
      >
        {(ids) => (
          <TextArea {...ids} rows={2} value={headers} onChange={({ target }) => setHeaders(target.value)} />
        )}
      </Field>
      {result && <Verdict result={result} />}
    </Dialog>
  );
}

function Verdict({
  result: { outcome, workflowId, input, signal, runId, payload, ignored, errors },
}: {
  readonly result: HookTrialResult;
}) {
  switch (outcome) {
    case "start-run":
      return (
        <Would value={input} name="input">
          This would start <code>{workflowId}</code> with
        </Would>
      );
    case "signal":
      return (
        <Would value={payload} name="payload">
          This would send the signal <code>{signal}</code> to <code>{runId}</code> with
        </Would>
      );
    case "ignored":
      return <p role="status">Nothing would come of this: {ignored}</p>;
    case "failed":
      return (
        <div role="status" className={s.wrong}>
          <p>This would be refused:</p>
          <ul>
            {errors.map(({ pointer, message, hint }) => (
              <li key={`${pointer}${message}`}>
                {pointer && <code>{pointer}</code>} {message}
                {hint && ` – ${hint}`}
              </li>
            ))}
          </ul>
        </div>
      );
  }
}

function Would({
  value,
  name,
  children,
}: {
  readonly value: JsonValue;
  readonly name: string;
  readonly children: React.ReactNode;
}) {
  return (
    <div>
      <p role="status">{children}</p>
      <JsonTree value={value} name={name} />
    </div>
  );
}

/** The last event that came and is JSON, as texts to change; null without any. */
async function lastEventOf(hookId: string) {
  const { items } = await api.listHookDeliveries({ params: { hookId }, query: { limit: 1 } });
  const [latest] = items;
  if (!latest) return null;
  const { body, headers } = await api.getHookDelivery({
    params: { hookId, deliveryId: latest.deliveryId },
  });
  if (body === null || !parseJson(body).ok) return null;
  return {
    body,
    headers: Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
  };
}
