import { useNavigate } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Definition } from "../../core/definition/types.ts";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { Button, ButtonRow } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { saveText } from "../kit/save-text.ts";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Segmented } from "../kit/tabs.tsx";
import { useIsPhone } from "../kit/use-is-phone.ts";
import { DataFlow } from "./data-flow.tsx";
import { Findings } from "./findings.tsx";
import { lineOfPlace } from "./line-of-state.ts";
import { Outline } from "./outline.tsx";
import { SourceText } from "./source-text.tsx";
import { untakenAt } from "./sync/untaken.ts";
import { useSyncPreview } from "./sync/use-sync-preview.ts";
import s from "./workflow-page.module.css";

const DefinitionGraph = lazy(() =>
  import("../runs/graph/definition-graph.tsx").then((module) => ({ default: module.DefinitionGraph })),
);

/** The author's own text, byte for byte, with what is wrong with it at its lines, beside its states and their graph. */
export function DefinitionTab({
  workflow,
  place,
}: {
  readonly workflow: Workflow;
  /** The selected state. */
  readonly place: string | undefined;
}) {
  const { id, version, definition, source, sourceFormat, validation, origin } = workflow;
  const findings = [...validation.errors, ...validation.warnings];
  const [form, setForm] = useState<"source" | "canonical">("source");
  const isSource = form === "source";
  const shown = isSource ? source : JSON.stringify(definition, null, 2);
  const format = isSource ? sourceFormat : "json";
  const navigate = useNavigate({ from: "/workflows/$workflowId" });
  /** Lines are those of the text that is shown. */
  const select = (state: string, text: string) => {
    const line = lineOfPlace({ definition, source: text }, state);
    void navigate({
      search: (old) => ({ ...old, state }),
      replace: true,
      resetScroll: false,
      ...(line !== null && { hash: `L${line}` }),
    });
  };
  const change = (next: typeof form) => {
    setForm(next);
    if (place !== undefined) select(place, next === "source" ? source : JSON.stringify(definition, null, 2));
  };
  return (
    <div className={s.tab}>
      <div className={s.toolbar}>
        <span className={s.faint}>
          {origin === "api" ? "Published through the API" : <code>{origin}</code>}
        </span>
        <Segmented
          label="As"
          value={form}
          onChange={change}
          choices={[
            { value: "source", label: sourceFormat === "yaml" ? "YAML" : "As written" },
            { value: "canonical", label: "JSON" },
          ]}
        />
        <ButtonRow>
          <CopyButton text={shown} label="Copy" />
          <Button
            icon={Download}
            onClick={() => saveText(shown, `${id}.workflow.${format}`, `application/${format}`)}
          >
            Download
          </Button>
        </ButtonRow>
      </div>
      <FileFindings workflow={workflow} />
      {findings.length > 0 ? (
        <Findings findings={findings} {...(isSource && { linkTo: (line: number) => `#L${line}` })} />
      ) : (
        <p className={s.faint}>Nothing is wrong with the text of v{version}.</p>
      )}
      <div className={s.definition}>
        <div className={s.beside}>
          <MiniGraph definition={definition} place={place} onSelect={(state) => select(state, shown)} />
          <Outline definition={definition} source={shown} />
        </div>
        {isSource ? (
          <SourceText label={`Definition of ${id}`} text={source} findings={findings} />
        ) : (
          <SourceText label={`Definition of ${id} as it is run`} text={shown} findings={[]} />
        )}
      </div>
      <DataFlow workflow={workflow} />
    </div>
  );
}

/** What is wrong with the file that is not taken; its lines are not those of the version that is shown. */
function FileFindings({ workflow: { environment, origin, syncState } }: { readonly workflow: Workflow }) {
  const { data } = useSyncPreview(environment, syncState === "invalid");
  const row = syncState === "invalid" && data ? untakenAt(data.rows, origin) : undefined;
  if (!row) return null;
  return (
    <section aria-label={`What is wrong with ${row.file}`}>
      <p>
        Not taken: <code>{row.file}</code>
        {row.reason !== null && `: ${row.reason}`}
      </p>
      <Findings findings={row.diagnostics} />
    </section>
  );
}

/** Where the selected state stands among the others; on a phone there is no room for it. */
function MiniGraph({
  definition,
  place,
  onSelect,
}: {
  readonly definition: Definition;
  readonly place: string | undefined;
  readonly onSelect: (place: string) => void;
}) {
  if (useIsPhone()) return null;
  return (
    <div className={s.miniGraph}>
      <Suspense fallback={<SkeletonRows rows={2} label="Loading the graph" />}>
        <DefinitionGraph
          definition={definition}
          place={place ?? null}
          isSmall
          onSelect={({ id, state }) => state && onSelect(id)}
        />
      </Suspense>
    </div>
  );
}
