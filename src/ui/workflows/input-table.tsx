import { Play } from "lucide-react";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { Button, ButtonRow } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { useMe } from "../system.ts";
import { allFields, FieldTable } from "./field-table.tsx";
import { commandsOf } from "./start/as-command.ts";
import { exampleInput } from "./start/example-input.ts";
import { openStart } from "./start/open-start.ts";
import s from "./workflow-page.module.css";

/** What a run takes, field by field, with an input to begin with. */
export function InputTable({ workflow }: { readonly workflow: Workflow }) {
  const { definition, id: workflowId, environment, status } = workflow;
  const { data: me } = useMe();
  const fields = allFields(definition.inputSchema);
  if (fields.length === 0) return <p className={s.faint}>The workflow does not say what input it takes.</p>;
  const input = exampleInput(definition.inputSchema);
  const start = { workflowId, environment: environment === "default" ? undefined : environment, input };
  return (
    <>
      <FieldTable fields={fields} />
      <details className={s.example}>
        <summary>Example</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <pre className={s.exampleText} tabIndex={0}>
          {JSON.stringify(input, null, 2)}
        </pre>
        <ButtonRow>
          <CopyButton text={JSON.stringify(input, null, 2)} label="Copy" />
          {commandsOf({ origin: location.origin, asksWho: me?.kind !== "local" }, start).map((command) => (
            <CopyButton key={command.name} text={command.text} label={`As ${command.name}`} />
          ))}
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
