import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { isObject } from "../../../core/json.ts";
import { ApiError } from "../../../http/client/errors.ts";
import { api } from "../../api.ts";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { whyOf } from "../../kit/error-panel.tsx";
import { Field, Select, TextArea } from "../../kit/field.tsx";
import type { RunView } from "../use-view.ts";
import s from "./dialogs.module.css";
import { parseJson } from "./parse-json.ts";

/** A new run with the same input or another one, of the same version or the current. */
export function RerunDialog({
  view: { run },
  onClose,
}: {
  readonly view: RunView;
  readonly onClose: () => void;
}) {
  const navigate = useNavigate();
  const [text, setText] = useState(() => JSON.stringify(run.input, null, 2));
  const [version, setVersion] = useState<"same" | "current">("current");
  const [failure, setFailure] = useState<unknown>(null);
  const parsed = parseJson(text);
  const wrong = parsed.ok
    ? isObject(parsed.value)
      ? null
      : "The input is an object: { … }"
    : parsed.message;
  const start = async () => {
    if (!parsed.ok || !isObject(parsed.value)) return;
    try {
      const { id: workflowId, version: same, environment } = run.workflow;
      const started = await api.startRun({
        body: {
          workflowId,
          environment,
          input: parsed.value,
          ...(version === "same" && { version: same }),
          ...(Object.keys(run.labels).length > 0 && { labels: { ...run.labels } }),
        },
      });
      onClose();
      await navigate({ to: "/runs/$runId", params: { runId: started.runId }, search: {} });
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Run ${run.workflow.id} again`}
      description="A new run; this one stays as it is."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledBecause={wrong} onClick={() => void start()}>
            Start run
          </Button>
        </>
      }
    >
      <Field label="Version">
        {(ids) => (
          <Select
            {...ids}
            value={version}
            onChange={(event) => setVersion(event.target.value as "same" | "current")}
          >
            <option value="current">The current version</option>
            <option value="same">The version of this run, v{run.workflow.version}</option>
          </Select>
        )}
      </Field>
      <Field label="Input (JSON)" error={wrong}>
        {(ids) => (
          <TextArea {...ids} rows={10} value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      {failure !== null && (
        <div className={s.wrong} role="alert">
          <p>{whyOf(failure)}</p>
          {failure instanceof ApiError && (
            <ul>
              {failure.problem.errors?.map(({ pointer, message, hint }) => (
                <li key={pointer + message}>
                  <code>{pointer}</code> {message}
                  {hint && ` – ${hint}`}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Dialog>
  );
}
