import type { ReactNode } from "react";
import type { JsonValue } from "../../../core/json.ts";
import type { WorkflowDiff } from "../../../http/schemas/workflow-versions.ts";
import { Note } from "../../kit/badge.tsx";
import s from "./versions.module.css";

/** What changed in the words of the language: states, fields, ways, agents, approvers. */
export function SemanticDiff({ diff }: { readonly diff: WorkflowDiff }) {
  if (diff.isEquivalent)
    return (
      <p className={s.faint}>
        v{diff.from} and v{diff.to} do the same: at most layout, comments or spelling differ.
      </p>
    );
  return (
    <div className={s.changes}>
      {diff.fields.length > 0 && (
        <Part title="Workflow">
          {diff.fields.map((field) => (
            <Field key={field.path} {...field} />
          ))}
        </Part>
      )}
      {diff.states.length > 0 && (
        <Part title="States">
          {diff.states.map((state) => (
            <li key={state.state}>
              <Mark change={state.change} /> <code>{state.state}</code>{" "}
              <span className={s.faint}>{state.type}</span>
              {state.change === "changed" && (
                <ul className={s.fields}>
                  {state.fields.map((field) => (
                    <Field key={field.path} {...field} />
                  ))}
                </ul>
              )}
            </li>
          ))}
        </Part>
      )}
      <Changed
        title="Ways"
        changes={{
          added: diff.transitions.added.map(wayText),
          removed: diff.transitions.removed.map(wayText),
        }}
      />
      <Changed title="Agents" changes={diff.agents} />
      <Changed title="Approvers" changes={diff.approvers} />
    </div>
  );
}

function wayText({ from, to, on, when }: WorkflowDiff["transitions"]["added"][number]): string {
  const why = on === "failure" ? " on failure" : when === undefined ? "" : ` when ${when}`;
  return `${from} → ${to ?? "end"}${why}`;
}

function Changed({
  title,
  changes: { added, removed },
}: {
  readonly title: string;
  readonly changes: WorkflowDiff["agents"];
}) {
  if (added.length + removed.length === 0) return null;
  const line = (change: "added" | "removed") => (text: string) => (
    <li key={`${change}${text}`}>
      <Mark change={change} /> <code>{text}</code>
    </li>
  );
  return (
    <Part title={title}>
      {removed.map(line("removed"))}
      {added.map(line("added"))}
    </Part>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className={s.part}>{title}</h3>
      <ul className={s.list}>{children}</ul>
    </section>
  );
}

function Field({ path, before, after }: WorkflowDiff["fields"][number]) {
  return (
    <li>
      <code>{path}</code> {before !== undefined && <del className={s.before}>{shown(before)}</del>}
      {before !== undefined && after !== undefined && " → "}
      {after !== undefined && <ins className={s.after}>{shown(after)}</ins>}
    </li>
  );
}

const TONES = { added: "good", removed: "bad", changed: "work" } as const;

function Mark({ change }: { readonly change: keyof typeof TONES }) {
  return <Note tone={TONES[change]}>{change}</Note>;
}

function shown(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
