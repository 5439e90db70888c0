import { Download } from "lucide-react";
import { useState } from "react";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { Button, ButtonRow } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { saveText } from "../kit/save-text.ts";
import { Segmented } from "../kit/tabs.tsx";
import { DataFlow } from "./data-flow.tsx";
import { Findings } from "./findings.tsx";
import { SourceText } from "./source-text.tsx";
import s from "./workflow-page.module.css";

/** The author's own text, byte for byte, with what is wrong with it at its lines. */
export function DefinitionTab({ workflow }: { readonly workflow: Workflow }) {
  const { id, source, sourceFormat, validation, origin } = workflow;
  const findings = [...validation.errors, ...validation.warnings];
  const [form, setForm] = useState<"source" | "canonical">("source");
  return (
    <div className={s.tab}>
      <div className={s.toolbar}>
        <span className={s.faint}>
          {origin === "api" ? "Published through the API" : <code>{origin}</code>}
        </span>
        <Segmented
          label="As"
          value={form}
          onChange={setForm}
          choices={[
            { value: "source", label: sourceFormat.toUpperCase() },
            { value: "canonical", label: "As it is run" },
          ]}
        />
        <ButtonRow>
          <CopyButton text={source} label="Copy" />
          <Button
            icon={Download}
            onClick={() => saveText(source, `${id}.workflow.${sourceFormat}`, `application/${sourceFormat}`)}
          >
            Download
          </Button>
        </ButtonRow>
      </div>
      {findings.length > 0 ? (
        <Findings findings={findings} linkTo={(line) => `#L${line}`} />
      ) : (
        <p className={s.faint}>Nothing is wrong with this text.</p>
      )}
      {form === "source" ? (
        <SourceText label={`Definition of ${id}`} text={source} findings={findings} />
      ) : (
        <SourceText
          label={`Definition of ${id} as it is run`}
          text={JSON.stringify(workflow.definition, null, 2)}
          findings={[]}
        />
      )}
      <DataFlow workflow={workflow} />
    </div>
  );
}
