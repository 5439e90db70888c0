import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ClipboardCopy, Play, Route } from "lucide-react";
import { useMemo, useState } from "react";
import { isObject, type JsonObject } from "../../../core/json.ts";
import { ApiError } from "../../../http/client/errors.ts";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { api } from "../../api.ts";
import { Editor } from "../../editor/lazy-editor.tsx";
import { shownKey } from "../../keys.ts";
import { Button } from "../../kit/button.tsx";
import { copyAndSay } from "../../kit/copy.ts";
import { Dialog } from "../../kit/dialog.tsx";
import { ErrorPanel, whyOf } from "../../kit/error-panel.tsx";
import { Field, Select } from "../../kit/field.tsx";
import { Menu } from "../../kit/menu.tsx";
import { parseJson } from "../../kit/parse-json.ts";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { Segmented } from "../../kit/tabs.tsx";
import { say } from "../../kit/toast.ts";
import { shortId } from "../../runs/short-id.ts";
import { useMe, useWhyNot } from "../../system.ts";
import { useWorkflowNames } from "../use-workflow-names.ts";
import { ApprovalsAhead } from "./approvals-ahead.tsx";
import { commandsOf } from "./as-command.ts";
import { EarlierInput } from "./earlier-input.tsx";
import { type Draft, draftOf, faultsByField, fieldsOf, inputOf } from "./form-model.ts";
import { closeStart, type StartAsked } from "./open-start.ts";
import { PathAhead, usePathAhead } from "./path-ahead.tsx";
import { SchemaForm } from "./schema-form.tsx";
import s from "./start.module.css";
import { VersionChoice } from "./version-choice.tsx";

/** Starts a run: its input as a form made from the workflow's schema, or as JSON. */
export function StartDialog({ asked: { workflowId, environment, input } }: { readonly asked: StartAsked }) {
  const [chosen, setChosen] = useState(workflowId ?? "");
  /** Null: the current one. */
  const [version, setVersion] = useState<number | null>(null);
  const [typed, setTyped] = useState(input);
  const query = environment === undefined ? {} : { environment };
  const workflow = useQuery({
    queryKey: ["workflows", "one", chosen, environment ?? null, version],
    queryFn: () =>
      version === null
        ? api.getWorkflow({ params: { id: chosen }, query })
        : api.getWorkflowVersion({ params: { id: chosen, version }, query }),
    enabled: chosen !== "",
    // What is typed belongs to the version it was begun with.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const choice = workflowId === undefined && (
    <WorkflowChoice
      environment={environment}
      value={chosen}
      onChange={(id) => {
        setChosen(id);
        setVersion(null);
        setTyped(undefined); // another workflow takes another input
      }}
    />
  );
  if (workflow.data)
    return (
      <Form
        key={`${chosen}@${version}`}
        workflow={workflow.data}
        choice={choice}
        first={typed}
        isPinned={version !== null}
        onVersion={(other, soFar) => {
          setTyped(soFar);
          setVersion(other);
        }}
      />
    );
  return (
    <Dialog open onClose={closeStart} wide title={chosen === "" ? "Start a run" : `Run ${chosen}`}>
      {choice}
      {workflow.isError ? (
        <ErrorPanel what={`${chosen} could not be loaded`} error={workflow.error} />
      ) : (
        chosen !== "" && <SkeletonRows rows={3} label="Loading the workflow" />
      )}
    </Dialog>
  );
}

function Form({
  workflow,
  choice,
  first,
  isPinned,
  onVersion,
}: {
  readonly workflow: Workflow;
  readonly choice: React.ReactNode;
  readonly first: JsonObject | undefined;
  /** The version was chosen: another that becomes the current one changes nothing. */
  readonly isPinned: boolean;
  readonly onVersion: (version: number | null, input: JsonObject) => void;
}) {
  const { id: workflowId, version, environment, definition, description, status } = workflow;
  const fields = useMemo(() => fieldsOf(definition.inputSchema), [definition]);
  const navigate = useNavigate();
  const { data: me } = useMe();
  const [by, setBy] = useState<"form" | "json">(fields.length > 0 ? "form" : "json");
  const [draft, setDraft] = useState<Draft>(() => draftOf(fields, first));
  const [base, setBase] = useState<JsonObject>(first ?? {});
  const [text, setText] = useState(() => pretty(first ?? inputOf(fields, draftOf(fields)).input));
  const [failure, setFailure] = useState<unknown>(null);
  const [isTried, setTried] = useState(false);
  const [isSending, setSending] = useState(false);
  const [onceKey, setOnceKey] = useState(() => crypto.randomUUID());
  const read = readInput();
  const faults = faultsByField(fields, (failure instanceof ApiError && failure.problem.errors) || []);
  const said = useMemo(() => saidBy(failure), [failure]);
  const wrong = { ...faults.at, ...(isTried && read.wrong) };
  const path = usePathAhead(workflow);
  const edited = () => {
    setFailure(null);
    path.forget();
    // Another input is another run; the same one sent again is not.
    setOnceKey(crypto.randomUUID());
  };

  function readInput(): {
    readonly input: JsonObject;
    readonly wrong: Readonly<Record<string, string>>;
    readonly textWrong: string | null;
  } {
    if (by === "form") return { ...inputOf(fields, draft, base), textWrong: null };
    const parsed = parseJson(text.trim() === "" ? "{}" : text);
    if (!parsed.ok) return { input: {}, wrong: {}, textWrong: parsed.message };
    if (!isObject(parsed.value)) return { input: {}, wrong: {}, textWrong: "The input is an object: { … }" };
    return { input: parsed.value, wrong: {}, textWrong: null };
  }
  const take = (input: JsonObject) => {
    setText(pretty(input));
    setBase(input);
    setDraft(draftOf(fields, input));
    edited();
  };
  const turn = (to: "form" | "json") => {
    if (to === by || read.textWrong !== null) return;
    if (to === "json") setText(pretty(read.input));
    else {
      setBase(read.input);
      setDraft(draftOf(fields, read.input));
    }
    setBy(to);
  };
  const mayNot = useWhyNot("runs:write", environment);
  const cannot = mayNot ?? (status === "disabled" ? "The workflow is disabled: enable it to run it" : null);
  const start = async (stays: boolean) => {
    setTried(true);
    if (cannot !== null || isSending || read.textWrong !== null || Object.keys(read.wrong).length > 0) return;
    setSending(true);
    try {
      const { runId } = await api.startRun({
        body: { workflowId, environment, input: read.input, ...(isPinned && { version }) },
        idempotencyKey: onceKey,
      });
      if (!stays) {
        closeStart();
        await navigate({ to: "/runs/$runId", params: { runId }, search: {} });
        return;
      }
      say(`Started ${shortId(runId)}`, "success");
      edited();
      setSending(false);
    } catch (error) {
      setFailure(error);
      setSending(false);
    }
  };
  const dryRun = async () => {
    setTried(true);
    if (read.textWrong !== null || Object.keys(read.wrong).length > 0) return;
    setFailure(await path.tell(read.input));
  };
  const copy = (command: string, what: string) => void copyAndSay(command, `Copied as ${what}`);
  const asked = {
    workflowId,
    environment: environment === "default" ? undefined : environment,
    input: read.input,
    ...(isPinned && { version }),
  };
  const loose = by === "json" ? allFaults(failure) : faults.rest;
  return (
    <Dialog
      open
      onClose={closeStart}
      onSubmit={(withShift) => void start(withShift)}
      wide
      title={`Run ${workflowId}`}
      description={`Version ${version}${environment === "default" ? "" : ` in ${environment}`}${description ? ` · ${description}` : ""}`}
      footer={
        <>
          <span className={s.copies}>
            <Menu
              align="start"
              items={commandsOf({ origin: location.origin, asksWho: me?.kind !== "local" }, asked).map(
                ({ name, text: command }) => ({
                  label: `Copy as ${name}`,
                  onSelect: () => copy(command, name),
                }),
              )}
            >
              <Button icon={ClipboardCopy}>Copy as…</Button>
            </Menu>
          </span>
          <Button onClick={closeStart}>Close</Button>
          <Button
            icon={Route}
            disabledBecause={read.textWrong}
            hint="Checks the input and tells the path a run would take; starts nothing"
            onClick={() => void dryRun()}
          >
            {path.isAsked ? "Looking…" : "Dry run"}
          </Button>
          <Button
            look="primary"
            icon={Play}
            disabledBecause={cannot ?? read.textWrong}
            hint={`⇧${shownKey("Mod+Enter")} starts it and stays here`}
            onClick={() => void start(false)}
          >
            {isSending ? "Starting…" : "Start run"} <kbd>{shownKey("Mod+Enter")}</kbd>
          </Button>
        </>
      }
    >
      <form noValidate className={s.form} onSubmit={(event) => event.preventDefault()}>
        {choice}
        <ApprovalsAhead workflow={workflow} />
        <div className={s.line}>
          {fields.length > 0 && (
            <Segmented
              label="Input as"
              value={by}
              onChange={turn}
              choices={[
                { value: "form", label: "Form" },
                { value: "json", label: "JSON" },
              ]}
            />
          )}
          <span className={s.more}>
            <VersionChoice
              workflow={workflow}
              isPinned={isPinned}
              onChange={(other) => onVersion(other, read.input)}
            />
            <EarlierInput workflow={workflow} onChoose={take} />
          </span>
        </div>
        {by === "form" ? (
          <SchemaForm
            fields={fields}
            draft={draft}
            wrong={wrong}
            onChange={(pointer, value) => {
              setDraft((old) => ({ ...old, [pointer]: value }));
              edited();
            }}
          />
        ) : (
          <Field
            label="Input (JSON)"
            error={read.textWrong}
            {...(fields.length === 0 && { hint: "The workflow does not say what input it takes" })}
          >
            {(ids) => (
              <Editor
                label="Input (JSON)"
                language="json"
                schema={definition.inputSchema}
                faults={said}
                describedBy={ids["aria-describedby"]}
                value={text}
                onChange={(typed) => {
                  setText(typed);
                  edited();
                }}
              />
            )}
          </Field>
        )}
        {failure !== null && (
          <div className={s.wrong} role="alert">
            {Object.keys(faults.at).length > 0 && by === "form" ? (
              <p>Nothing was started: the input is not what the workflow takes.</p>
            ) : (
              <p>{whyOf(failure)}</p>
            )}
            {loose.length > 0 && (
              <ul>
                {loose.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            )}
          </div>
        )}
        {path.told && <PathAhead told={path.told} />}
      </form>
    </Dialog>
  );
}

/** What the server says is wrong with the input, at pointers into it. */
function saidBy(failure: unknown): readonly { readonly pointer: string; readonly message: string }[] {
  const errors = failure instanceof ApiError ? (failure.problem.errors ?? []) : [];
  return errors.map(({ pointer, message }) => ({ pointer: pointer.replace(/^\/input/, ""), message }));
}

function allFaults(failure: unknown): readonly string[] {
  return failure instanceof ApiError ? faultsByField([], failure.problem.errors ?? []).rest : [];
}

function pretty(input: JsonObject): string {
  return JSON.stringify(input, null, 2);
}

function WorkflowChoice({
  environment,
  value,
  onChange,
}: {
  readonly environment: string | undefined;
  readonly value: string;
  readonly onChange: (id: string) => void;
}) {
  const { data, isError, error } = useWorkflowNames(environment);
  const startable = data?.filter(({ status }) => status === "active");
  return (
    <Field label="Workflow" error={isError ? whyOf(error) : null}>
      {(ids) => (
        <Select {...ids} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">Choose…</option>
          {startable?.map(({ id, name }) => (
            <option key={id} value={id}>
              {name} ({id})
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
