import { useState } from "react";
import { api } from "../api.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, Select, TextInput } from "../kit/field.tsx";
import { EnvironmentField, useEnvironmentChoice } from "./environment-field.tsx";
import { NAME } from "./new-key-dialog.tsx";
import { useAct } from "./use-act.ts";
import { WorkflowField } from "./workflow-field.tsx";

const SCHEMES = {
  "standard-webhooks": "Standard Webhooks (webhook-signature)",
  github: "GitHub (X-Hub-Signature-256)",
  bearer: "A token in the Authorization header",
} as const;

/** Asks who sends, and which workflow an event starts. Other signatures and signals: by the API or `stn hooks`. */
export function NewHookDialog({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (issued: Awaited<ReturnType<typeof api.createHook>>) => void;
}) {
  const [name, setName] = useState("");
  const place = useEnvironmentChoice("admin");
  const { environment } = place;
  const [scheme, setScheme] = useState<keyof typeof SCHEMES>("standard-webhooks");
  const [workflowId, setWorkflowId] = useState("");
  const [when, setWhen] = useState("");
  const { act, isBusy, failure } = useAct();
  const make = () =>
    act(async () => {
      const target = { type: "start-run" as const, workflowId };
      const body = { name, environment, scheme: { type: scheme }, target, ...(when !== "" && { when }) };
      onMade(await api.createHook({ body }));
    });
  const why = !NAME.test(name)
    ? "It needs a name of lower case letters, digits and hyphens"
    : workflowId === ""
      ? "Which workflow does an event start?"
      : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="New webhook"
      description="An address for another system's events. The event's body is the run's input; the same event starts one run, however often it is sent."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledBecause={why} onClick={() => void make()}>
            {isBusy ? "Making…" : "Make webhook"}
          </Button>
        </>
      }
    >
      <Field label="Name" hint="Lower case letters, digits and hyphens: pagerduty" error={failure}>
        {(ids) => <TextInput {...ids} value={name} onChange={({ target }) => setName(target.value)} />}
      </Field>
      <EnvironmentField
        {...place}
        choose={(name) => {
          place.choose(name);
          setWorkflowId("");
        }}
      />
      <Field label="The sender proves itself by">
        {(ids) => (
          <Select
            {...ids}
            value={scheme}
            onChange={({ target }) => setScheme(target.value as keyof typeof SCHEMES)}
          >
            {Object.entries(SCHEMES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <WorkflowField environment={environment} value={workflowId} onChange={setWorkflowId} />
      <Field
        label="Only when"
        hint="A condition in Starlark, such as body.action == “opened”; without one, always"
      >
        {(ids) => <TextInput {...ids} value={when} onChange={({ target }) => setWhen(target.value)} />}
      </Field>
    </Dialog>
  );
}
