import { Play } from "lucide-react";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { Button, ButtonRow } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { asCurl, asStn } from "./start/as-command.ts";
import { exampleInput } from "./start/example-input.ts";
import { choiceText, type FormField, fieldsOf } from "./start/form-model.ts";
import { openStart } from "./start/open-start.ts";
import s from "./workflow-page.module.css";

/** What a run takes, field by field, with an input to begin with. */
export function InputTable({ workflow }: { readonly workflow: Workflow }) {
  const { definition, id: workflowId, environment, status } = workflow;
  const fields = flat(fieldsOf(definition.inputSchema));
  if (fields.length === 0) return <p className={s.faint}>The workflow does not say what input it takes.</p>;
  const input = exampleInput(definition.inputSchema);
  const start = { workflowId, environment: environment === "default" ? undefined : environment, input };
  return (
    <>
      <dl className={s.inputs}>
        {fields.map((field) => (
          <div key={field.pointer} className={s.input}>
            <dt>
              <code>{field.pointer.slice(1).replaceAll("/", ".")}</code>
              {field.isRequired && <span className={s.required}> required</span>}
            </dt>
            <dd>
              <span className={s.faint}>{typeOf(field)}</span> {field.description}
              {field.initial !== undefined && (
                <span className={s.faint}>
                  {" "}
                  · default <code>{choiceText(field.initial)}</code>
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <details className={s.example}>
        <summary>Example</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <pre className={s.exampleText} tabIndex={0}>
          {JSON.stringify(input, null, 2)}
        </pre>
        <ButtonRow>
          <CopyButton text={JSON.stringify(input, null, 2)} label="Copy" />
          <CopyButton text={() => asCurl(location.origin, start)} label="As curl" />
          <CopyButton text={() => asStn(start)} label="As stn" />
          <Button
            icon={Play}
            disabledBecause={status === "active" ? null : "It is disabled: enable it to run it"}
            onClick={() => openStart(start)}
          >
            Run with this
          </Button>
        </ButtonRow>
      </details>
    </>
  );
}

function flat(fields: readonly FormField[]): readonly FormField[] {
  return fields.flatMap((field) => [
    field,
    ...(field.control.kind === "group" ? flat(field.control.fields) : []),
  ]);
}

function typeOf({ control }: FormField): string {
  switch (control.kind) {
    case "choice":
      return control.choices.map(choiceText).join(" | ");
    case "json":
      return control.shape;
    case "group":
      return "object";
    case "text":
      return "string";
    case "number":
    case "integer":
    case "boolean":
      return control.kind;
  }
}
