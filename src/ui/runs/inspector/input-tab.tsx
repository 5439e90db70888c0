import { Fragment } from "react";
import type { JsonValue } from "../../../core/json.ts";
import { CopyButton } from "../../kit/copy-button.tsx";
import { JsonTree } from "../../kit/json-tree.tsx";
import { producerOf, templateParts } from "../model/producer.ts";
import { Purged } from "../purged.tsx";
import { useRunSearch } from "../use-view.ts";
import s from "./inspector.module.css";
import type { Inspected } from "./inspector.tsx";

/** What the step was given, beside what its author wrote: each template leads to the step its value came from. */
export function InputTab(inspected: Inspected) {
  const { step, state, view } = inspected;
  const written = state && "task" in state ? state.task : undefined;
  const variables = state && "variables" in state ? state.variables : undefined;
  return (
    <div className={s.body}>
      {step.input === undefined ? (
        <p className={s.quiet}>This kind of state is given nothing of its own: it reads the context.</p>
      ) : view.purgedAt !== null ? (
        <p className={s.quiet}>
          <Purged at={view.purgedAt}>What it was given was</Purged>
        </p>
      ) : (
        <div>
          <p className={s.label}>
            As it was given <CopyButton text={() => JSON.stringify(step.input, null, 2)} name="Copy input" />
          </p>
          <JsonTree value={step.input} name="input" />
        </div>
      )}
      {written !== undefined && (
        <div>
          <p className={s.label}>Task, as it was written</p>
          <Template text={written} {...inspected} />
        </div>
      )}
      {variables && (
        <div>
          <p className={s.label}>Variables, as they were written</p>
          {Object.entries(variables).map(([name, value]) => (
            <p key={name} className={s.text}>
              <b>{name}</b> <Template text={textOf(value)} isInline {...inspected} />
            </p>
          ))}
        </div>
      )}
    </div>
  );
}

function Template({
  text,
  isInline,
  view,
  trail,
}: Inspected & { readonly text: string; readonly isInline?: boolean }) {
  const { change } = useRunSearch();
  const parts = templateParts(text).map(({ text: part, isPath, at }) => {
    if (!isPath) return <Fragment key={at}>{part}</Fragment>;
    const producer = producerOf(view.history, view.n, trail, part);
    if (!producer) return <Fragment key={at}>{part}</Fragment>;
    return (
      <button
        key={at}
        type="button"
        className={s.path}
        title={`Comes from ${producer.state}`}
        onClick={() => change({ step: producer.id, tab: "output" })}
      >
        {part}
      </button>
    );
  });
  return isInline ? parts : <p className={s.text}>{parts}</p>;
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
