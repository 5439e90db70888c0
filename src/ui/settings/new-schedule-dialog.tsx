import { useState } from "react";
import type { JsonObject } from "../../core/json.ts";
import type { Schedule } from "../../http/schemas/schedules.ts";
import { api } from "../api.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, TextArea, TextInput } from "../kit/field.tsx";
import { parseJson } from "../kit/parse-json.ts";
import { EnvironmentField, useEnvironmentChoice } from "./environment-field.tsx";
import { NAME } from "./new-key-dialog.tsx";
import { useAct } from "./use-act.ts";
import { WorkflowField } from "./workflow-field.tsx";

/** Asks which workflow is to start by itself, and when. */
export function NewScheduleDialog({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (schedule: Schedule) => void;
}) {
  const [name, setName] = useState("");
  const place = useEnvironmentChoice("workflows:write");
  const { environment } = place;
  const [workflowId, setWorkflowId] = useState("");
  const [cron, setCron] = useState("0 9 * * mon-fri");
  const [timezone, setTimezone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [input, setInput] = useState("{}");
  const { act, isBusy, failure } = useAct();
  const parsed = parseJson(input);
  const make = () =>
    act(async () => {
      if (!parsed.ok) return;
      const body = { name, environment, workflowId, cron, timezone, input: parsed.value as JsonObject };
      onMade(await api.createSchedule({ body }));
    });
  const why = !NAME.test(name)
    ? "It needs a name of lower case letters, digits and hyphens"
    : workflowId === ""
      ? "Which workflow is it?"
      : parsed.ok
        ? null
        : parsed.message;
  return (
    <Dialog
      open
      onClose={onClose}
      title="New schedule"
      description="Runs of the workflow's current version start by themselves, each time once."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledBecause={why} onClick={() => void make()}>
            {isBusy ? "Making…" : "Make schedule"}
          </Button>
        </>
      }
    >
      <Field label="Name" hint="Lower case letters, digits and hyphens: nightly-eu" error={failure}>
        {(ids) => <TextInput {...ids} value={name} onChange={({ target }) => setName(target.value)} />}
      </Field>
      <EnvironmentField
        {...place}
        choose={(name) => {
          place.choose(name);
          setWorkflowId("");
        }}
      />
      <WorkflowField environment={environment} value={workflowId} onChange={setWorkflowId} />
      <Field label="When" hint="Minute, hour, day, month, weekday; or @hourly, @daily, @weekly">
        {(ids) => <TextInput {...ids} value={cron} onChange={({ target }) => setCron(target.value)} />}
      </Field>
      <Field label="By the clocks of">
        {(ids) => (
          <TextInput {...ids} value={timezone} onChange={({ target }) => setTimezone(target.value)} />
        )}
      </Field>
      <Field label="Input (JSON)" error={parsed.ok ? null : parsed.message}>
        {(ids) => <TextArea {...ids} value={input} onChange={({ target }) => setInput(target.value)} />}
      </Field>
    </Dialog>
  );
}
