import { useEffect, useRef, useState } from "react";
import type { JsonObject } from "../../../core/json.ts";
import type { PreviewStep, RunPreview } from "../../../http/schemas/previews.ts";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { api } from "../../api.ts";
import { duration, plural } from "../../format.ts";
import { Note, StatusBadge } from "../../kit/badge.tsx";
import s from "./start.module.css";

/** The path that a run would take, for the input it was last asked for; `tell` answers what speaks against the input. */
export function usePathAhead({ id, environment, version }: Workflow) {
  const [told, setTold] = useState<RunPreview | null>(null);
  const [isAsked, setAsked] = useState(false);
  /** An answer that comes after the input has changed is about another one. */
  const round = useRef(0);
  const forget = () => {
    round.current += 1;
    setTold(null);
    setAsked(false);
  };
  const tell = async (input: JsonObject): Promise<unknown> => {
    forget();
    const asked = round.current;
    setAsked(true);
    try {
      const preview = await api.previewRun({ params: { id }, body: { environment, version, input } });
      if (asked === round.current) setTold(preview);
      return null;
    } catch (error) {
      return asked === round.current ? error : null;
    } finally {
      if (asked === round.current) setAsked(false);
    }
  };
  return { told, isAsked, tell, forget };
}

/** The states of a run that was not started, in the order it would come to them, and how it would end. */
export function PathAhead({ told }: { readonly told: RunPreview }) {
  const { steps, more, status, error, brokenOff, waitsMs, assumed } = told;
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const firstOpen = steps.findIndex(({ isOpen }) => isOpen);
  return (
    <section className={s.path} aria-label="The path of a dry run" ref={place}>
      <h3 className={s.pathTitle}>{firstOpen < 0 ? "A run would go" : "A run could go"}</h3>
      <ol className={s.steps}>
        {steps.map((step, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a state is come to more than once, and the list never changes
            key={index}
            className={s.step}
            data-maybe={(firstOpen >= 0 && index > firstOpen) || undefined}
          >
            {step.branch !== "" && <span className={s.does}>{step.branch} /</span>}
            <code>{step.state}</code>
            <span className={s.does}>{whatItDoes(step)}</span>
            {step.isOpen && <Note>depends on answers</Note>}
          </li>
        ))}
        {more > 0 && <li className={s.step}>… and {plural(more, "step")} more</li>}
      </ol>
      <p>
        {brokenOff === null ? (
          <>
            It ends <StatusBadge status={status} />
            {error !== null && <>: {error}</>}
          </>
        ) : (
          <>It cannot be told further: {brokenOff}.</>
        )}
        {waitsMs >= 1000 && <> Its timers take {duration(waitsMs)}.</>}
      </p>
      <p className={s.assumed}>
        Nothing was started and nobody was asked: agents and other workflows are taken to answer the least
        they may, and people to consent.
        {firstOpen >= 0 && " What comes after a state that depends on answers is one way of several."}
        {assumed.length > 0 && ` Assumed: ${assumed.join("; ")}.`}
      </p>
    </section>
  );
}

function whatItDoes({ type, action, who, condition, next }: PreviewStep): string {
  if (action === "human.approval") return `asks ${who ?? "whoever may decide here"} for approval`;
  if (action === "workflow.run") return `runs ${who ?? "another workflow"}`;
  if (type === "operation") return `asks agent ${who ?? ""}`;
  if (type === "switch")
    return condition == null
      ? `goes to ${next ?? "its end"}: no condition holds`
      : `goes to ${next}: ${condition}`;
  return WORDS[type] ?? type;
}

const WORDS: Readonly<Record<string, string>> = {
  foreach: "goes through a list",
  parallel: "does several things at once",
  inject: "sets values",
  transform: "works out a value",
  timer: "waits",
  signal: "waits for a signal",
  try: "tries, and catches what fails",
};
