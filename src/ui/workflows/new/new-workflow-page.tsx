import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Undo2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { JsonObject } from "../../../core/json.ts";
import { useAgents } from "../../agents/use-agents.ts";
import { api, queryClient } from "../../api.ts";
import { Editor } from "../../editor/lazy-editor.tsx";
import { plural } from "../../format.ts";
import { shownKey } from "../../keys.ts";
import { Note } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { ErrorPanel } from "../../kit/error-panel.tsx";
import { PageBody, PageHeader } from "../../kit/page.tsx";
import { StaleNote } from "../../shell/connection-line.tsx";
import { useTitle } from "../../shell/title.ts";
import { useWhyNot } from "../../system.ts";
import { Findings } from "../findings.tsx";
import { forgetDraft, keepDraft, readDraft } from "./draft.ts";
import s from "./new-workflow.module.css";

/** A text is checked when nobody has typed for so long. */
const PAUSE_MS = 300;

/** `/new-workflow`: a definition is written, checked while it is typed, and published. */
export function NewWorkflowPage() {
  const { environment = "default" } = useSearch({ from: "/new-workflow" });
  const navigate = useNavigate();
  const [text, setText] = useState(readDraft);
  const [failure, setFailure] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const [onceKey, setOnceKey] = useState(() => crypto.randomUUID());
  useTitle("New workflow");
  const checked = useLater(text, PAUSE_MS);
  const check = useQuery({
    queryKey: ["definition check", environment, checked],
    queryFn: () => api.validateWorkflow({ body: { definition: checked, environment } }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  // What is offered while one types; without it one types by oneself.
  const language = useQuery({
    queryKey: ["workflow language"],
    queryFn: () => api.getWorkflowSchema() as Promise<JsonObject>,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const known = useAgents(environment);
  const agents = useMemo(() => known.data?.items.map(({ name }) => name) ?? [], [known.data]);
  const isChecked = checked === text && check.data !== undefined && !check.isPlaceholderData;
  const findings = useMemo(
    () => (check.data ? [...check.data.errors, ...check.data.warnings] : []),
    [check.data],
  );
  const change = (typed: string) => {
    setText(typed);
    keepDraft(typed);
    setFailure(null);
    setOnceKey(crypto.randomUUID());
  };
  const errors = check.data?.errors.length ?? 0;
  const mayNot = useWhyNot("workflows:write", environment);
  const unfit = check.isError
    ? "It could not be checked"
    : !isChecked
      ? "It is being checked"
      : errors > 0
        ? `${plural(errors, "error")} must be mended first`
        : null;
  const cannot = mayNot ?? unfit;
  const create = async () => {
    if (cannot !== null || isSending) return;
    setSending(true);
    setFailure(null);
    try {
      const { id } = await api.createWorkflow({
        body: { definition: text, environment },
        idempotencyKey: onceKey,
      });
      forgetDraft();
      await queryClient.invalidateQueries({ queryKey: ["workflows"] });
      await navigate({
        to: "/workflows/$workflowId",
        params: { workflowId: id },
        search: environment === "default" ? {} : { environment },
      });
    } catch (error) {
      setFailure(error);
      setSending(false);
    }
  };
  return (
    <>
      <StaleNote />
      <PageHeader
        crumbs={[{ label: "Workflows", link: { to: "/workflows", search: { environment } } }]}
        title="New workflow"
        status={<Note>{environment}</Note>}
        actions={
          <>
            <Button
              icon={Undo2}
              hint="Throws away what was written here"
              onClick={() => {
                forgetDraft();
                setText(readDraft());
              }}
            >
              Begin again
            </Button>
            <Button look="primary" icon={Plus} disabledBecause={cannot} onClick={() => void create()}>
              {isSending ? "Creating…" : "Create workflow"} <kbd>{shownKey("Mod+Enter")}</kbd>
            </Button>
          </>
        }
      />
      <PageBody label="Definition and findings">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys of what is typed in it */}
        <div
          className={s.page}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
            event.preventDefault();
            void create();
          }}
        >
          <Editor
            label="Definition (YAML)"
            language="yaml"
            value={text}
            onChange={change}
            marks={findings}
            schema={language.data}
            agents={agents}
          />
          <div className={s.result} role="status">
            {failure !== null && <ErrorPanel what="It was not created" error={failure} />}
            {check.isError ? (
              <ErrorPanel
                what="It could not be checked"
                error={check.error}
                onRetry={() => void check.refetch()}
              />
            ) : (
              <>
                <p>
                  {!check.data
                    ? "Checking…"
                    : errors > 0
                      ? `${plural(errors, "error")}: it cannot be run yet.`
                      : "Nothing is wrong with it."}{" "}
                  <span className={s.faint}>
                    It is published to {environment} as it stands here and has no file; where files are
                    synced, write one instead.
                  </span>
                </p>
                {findings.length > 0 && <Findings findings={findings} />}
              </>
            )}
          </div>
        </div>
      </PageBody>
    </>
  );
}

/** A value as it was when it had not changed for so long. */
function useLater<Value>(value: Value, ms: number): Value {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return later;
}
