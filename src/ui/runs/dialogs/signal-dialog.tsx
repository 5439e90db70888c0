import { useState } from "react";
import type { JsonValue } from "../../../core/json.ts";
import { api } from "../../api.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { whyOf } from "../../kit/error-panel.tsx";
import { Field, TextArea, TextInput } from "../../kit/field.tsx";
import { parseJson } from "../../kit/parse-json.ts";
import { say } from "../../kit/toast.ts";
import { useOnce } from "../../once.ts";
import type { RunView } from "../use-view.ts";

/** Sends a signal; the names the run waits for are offered. */
export function SignalDialog({
  view: { run },
  onClose,
}: {
  readonly view: RunView;
  readonly onClose: () => void;
}) {
  const awaited = Object.values(run.steps).flatMap(({ progress }) =>
    progress.status === "RUNNING" && "waiting" in progress && progress.waiting.for === "signal"
      ? [progress.waiting.name]
      : [],
  );
  const [name, setName] = useState(awaited[0] ?? "");
  const [text, setText] = useState("{}");
  const [failure, setFailure] = useState<string | null>(null);
  const parsed = parseJson(text);
  const once = useOnce();
  const [isSending, setSending] = useState(false);
  const send = async () => {
    if (name === "" || !parsed.ok || isSending) return;
    const body = { name, payload: parsed.value as JsonValue };
    setSending(true);
    setFailure(null);
    try {
      await api.signalRun({ params: { runId: run.id }, body, idempotencyKey: once.keyFor(body) });
      say(`Signal “${name}” sent`, "success");
      onClose();
    } catch (error) {
      setFailure(whyOf(error));
      setSending(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Send a signal"
      description={
        awaited.length > 0
          ? `The run waits for ${awaited.map((one) => `“${one}”`).join(", ")}.`
          : "No state waits for a signal now; it is kept until one does."
      }
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            disabledBecause={name === "" ? "A signal has a name" : parsed.ok ? null : parsed.message}
            onClick={() => void send()}
          >
            {isSending ? "Sending…" : "Send signal"}
          </Button>
        </>
      }
    >
      <Field label="Name" error={failure}>
        {(ids) => (
          <>
            <TextInput
              {...ids}
              value={name}
              list="signal-names"
              onChange={(event) => setName(event.target.value)}
            />
            <datalist id="signal-names">
              {awaited.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label="Payload (JSON)" error={parsed.ok ? null : parsed.message}>
        {(ids) => <TextArea {...ids} value={text} onChange={(event) => setText(event.target.value)} />}
      </Field>
    </Dialog>
  );
}
