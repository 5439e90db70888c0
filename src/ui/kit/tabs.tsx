import * as Radix from "radix-ui/tabs";
import { type ReactNode, useEffect, useRef } from "react";
import s from "./tabs.module.css";

export type Tab<Value extends string> = {
  readonly value: Value;
  readonly label: ReactNode;
  readonly content: ReactNode;
};

/** Tabs over their contents; only the chosen one is rendered. `head` stays above them. */
export function Tabs<Value extends string>({
  tabs,
  value,
  onChange,
  label,
  head,
}: {
  readonly tabs: readonly Tab<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly label: string;
  readonly head?: ReactNode;
}) {
  const list = useRef<HTMLDivElement>(null);
  // Where there are more than fit, the chosen one is in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the value says which one is chosen
  useEffect(() => {
    const chosen = list.current?.querySelector('[data-state="active"]');
    chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [value]);
  return (
    <Radix.Root className={s.root} value={value} onValueChange={(chosen) => onChange(chosen as Value)}>
      <div className={s.head}>
        {head}
        <Radix.List className={s.list} aria-label={label} ref={list}>
          {tabs.map((tab) => (
            <Radix.Trigger key={tab.value} value={tab.value} className={s.tab}>
              {tab.label}
            </Radix.Trigger>
          ))}
        </Radix.List>
      </div>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className={s.content}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}

/** A choice of views side by side, each with the key that chooses it. */
export function Segmented<Value extends string>({
  choices,
  value,
  onChange,
  label,
}: {
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly shortcut?: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly label: string;
}) {
  return (
    <fieldset className={s.segmented} aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          className={s.segment}
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.label}
          {choice.shortcut && <span className={s.key}>{choice.shortcut}</span>}
        </button>
      ))}
    </fieldset>
  );
}
