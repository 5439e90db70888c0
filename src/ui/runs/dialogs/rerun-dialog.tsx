import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { isObject, type JsonObject } from "../../../core/json.ts";
import type { Step } from "../../../core/run/run.ts";
import { takenOver } from "../../../core/run/taken-over.ts";
import { shownStatusOf } from "../../../core/view/step-status.ts";
import { ApiError } from "../../../http/client/errors.ts";
import { api } from "../../api.ts";
import { duration, plural } from "../../format.ts";
import { StatusIcon } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { whyOf } from "../../kit/error-panel.tsx";
import { Field, Select, TextArea } from "../../kit/field.tsx";
import { parseJson } from "../../kit/parse-json.ts";
import { useOnce } from "../../once.ts";
import { sourceOf } from "../model/root-steps.ts";
import { shortId } from "../short-id.ts";
import type { RunView } from "../use-view.ts";
import s from "./dialogs.module.css";

/** A new run: from the start, or from a state with everything before it taken over; what that is stands below. */
export function RerunDialog({
  view: { run, history, purgedAt },
  from: begunAt = null,
  onClose,
}: {
  readonly view: RunView;
  /** The state that is proposed; null for the start. */
  readonly from?: string | null;
  readonly onClose: () => void;
}) {
  const navigate = useNavigate();
  const [from, setFrom] = useState(begunAt);
  const [text, setText] = useState(() => JSON.stringify(run.input, null, 2));
  const [chosen, setChosen] = useState<number | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const { id: workflowId, environment, version: own } = run.workflow;
  const current = useQuery({
    queryKey: ["workflows", "one", environment, workflowId],
    queryFn: () => api.getWorkflow({ params: { id: workflowId }, query: { environment } }),
  });
  const version = chosen ?? own;
  const definition = version === own ? history.definition : (current.data?.definition ?? history.definition);
  const parsed = parseJson(text);
  const isPurged = purgedAt !== null;
  const isOtherInput = parsed.ok && (isPurged || JSON.stringify(parsed.value) !== JSON.stringify(run.input));
  const changed = isOtherInput ? "input" : version !== own ? "version" : null;
  const source = { ...sourceOf(history, run), changed } as const;
  const places = isPurged
    ? []
    : [...new Set(source.steps.map(({ state }) => state))].map((state) => ({
        state,
        over: takenOver(definition, source, state),
      }));
  const over = from === null ? null : takenOver(definition, source, from);
  const wrong = parsed.ok
    ? isObject(parsed.value)
      ? null
      : "The input is an object: { … }"
    : parsed.message;
  const once = useOnce();
  const start = async () => {
    if (!parsed.ok || !isObject(parsed.value) || isSending) return;
    const body = {
      ...(from !== null && { fromState: from }),
      ...(isOtherInput && { input: parsed.value as JsonObject }),
      ...(version !== own && { version }),
    };
    setSending(true);
    setFailure(null);
    try {
      const started = await api.rerunRun({
        params: { runId: run.id },
        body,
        idempotencyKey: once.keyFor(body),
      });
      onClose();
      await navigate({ to: "/runs/$runId", params: { runId: started.runId }, search: {} });
    } catch (error) {
      setFailure(error);
      setSending(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Run ${workflowId} again`}
      description="A new run; this one stays as it is."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            disabledBecause={wrong ?? (over?.ok === false ? over.message : null)}
            onClick={() => void start()}
          >
            {isSending ? "Starting…" : "Start run"}
          </Button>
        </>
      }
    >
      <Field label="Begin at" error={over?.ok === false ? over.message : null}>
        {(ids) => (
          <Select {...ids} value={from ?? ""} onChange={(event) => setFrom(event.target.value || null)}>
            <option value="">the start: nothing is taken over</option>
            {places.map(({ state, over: { ok } }) => (
              <option key={state} value={state} disabled={!ok}>
                {state}
                {!ok && " – cannot be begun at"}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {over?.ok && <TakenOverSteps steps={over.steps} from={from ?? ""} view={{ run }} />}
      {current.data && current.data.version !== own && (
        <Field label="Version">
          {(ids) => (
            <Select {...ids} value={version} onChange={(event) => setChosen(Number(event.target.value))}>
              <option value={own}>v{own}, as this run</option>
              <option value={current.data.version}>v{current.data.version}, the current one</option>
            </Select>
          )}
        </Field>
      )}
      <Field
        label="Input (JSON)"
        error={wrong}
        hint={
          isPurged
            ? "The input of this run was purged: write the new one’s."
            : from !== null && isOtherInput
              ? "What is taken over was made with the earlier input."
              : undefined
        }
      >
        {(ids) => (
          <TextArea {...ids} rows={6} value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      {failure !== null && <Refused failure={failure} />}
    </Dialog>
  );
}

function TakenOverSteps({
  steps,
  from,
  view: { run },
}: {
  readonly steps: readonly Step[];
  readonly from: string;
  readonly view: Pick<RunView, "run">;
}) {
  if (steps.length === 0)
    return <p className={s.quiet}>Nothing comes before {from}: everything is done anew.</p>;
  return (
    <section className={s.over} aria-label="Taken over">
      <p>
        <b>{plural(steps.length, "step is", "steps are")} taken over</b> from {shortId(run.id)} with what came
        of {steps.length === 1 ? "it" : "them"}; {from} and what follows is done anew.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ol className={s.overList} tabIndex={0}>
        {steps.map((step) => (
          <li key={step.id} className={s.overStep}>
            <StatusIcon status={shownStatusOf(run, step)} />
            <span className={s.overName}>
              {step.state}
              {step.visit > 1 && ` #${step.visit}`}
            </span>
            <span className={s.end}>
              {step.reusedFrom !== null
                ? "taken over before"
                : duration((step.finishedAt ?? step.enteredAt) - (step.startedAt ?? step.enteredAt))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Refused({ failure }: { readonly failure: unknown }) {
  return (
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
  );
}
