import { Search } from "lucide-react";
import { type ComponentProps, type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { cx } from "./class-names.ts";
import s from "./field.module.css";

/** A labelled control with a hint or what is wrong with it. `children` gets the ids to wire up. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  readonly children: (ids: {
    readonly id: string;
    readonly "aria-describedby"?: string;
    readonly "aria-invalid"?: true;
  }) => ReactNode;
}) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={s.field}>
      <label htmlFor={id} className={s.label}>
        {label}
      </label>
      {children({
        id,
        ...(note && { "aria-describedby": `${id}-note` }),
        ...(error && { "aria-invalid": true }),
      })}
      {note && (
        <div id={`${id}-note`} className={cx(s.note, error && s.wrong)}>
          {note}
        </div>
      )}
    </div>
  );
}

/** Does something at Enter, but not at the one that ends a word in an input method (229: Safari says it so). */
export function onEnter(act: () => void) {
  return ({ key, nativeEvent: { isComposing, keyCode } }: KeyboardEvent): void => {
    if (key === "Enter" && !isComposing && keyCode !== 229) act();
  };
}

/** A line of text. */
export function TextInput({ className, ...rest }: ComponentProps<"input">) {
  return (
    <input type="text" autoComplete="off" spellCheck={false} {...rest} className={cx(s.input, className)} />
  );
}

/** Several lines of text. */
export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea spellCheck={false} rows={4} {...rest} className={cx(s.input, s.area, className)} />;
}

/** One of a few values. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select {...rest} className={cx(s.input, s.select, className)} />;
}

/** One of very few values, all of them in sight; the arrow keys go from one to the next. */
export function Radios({
  label,
  hint,
  error,
  name,
  choices,
  value,
  isRequired,
  onChange,
}: {
  readonly label: ReactNode;
  readonly hint?: string;
  readonly error?: string | undefined;
  /** Of its form's own. */
  readonly name: string;
  readonly choices: readonly string[];
  readonly value: string;
  readonly isRequired: boolean;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  const note = error ?? hint;
  return (
    <fieldset className={s.field} aria-describedby={note ? id : undefined}>
      <legend className={s.label}>{label}</legend>
      <div className={s.choices}>
        {choices.map((choice) => (
          <label key={choice} className={s.choice}>
            <input
              type="radio"
              name={name}
              value={choice}
              checked={choice === value}
              required={isRequired}
              onChange={() => onChange(choice)}
            />
            {choice}
          </label>
        ))}
      </div>
      {note && (
        <div id={id} className={cx(s.note, error && s.wrong)}>
          {note}
        </div>
      )}
    </fieldset>
  );
}

/** The filter of a list; `/` goes to it (any element with `data-filter`). */
export function FilterInput({
  label,
  value,
  onChange,
  placeholder,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
}) {
  // What is typed is here at once; an address takes a moment, and would set the cursor to the end.
  const [typed, setTyped] = useState<string | null>(null);
  const change = (text: string) => {
    setTyped(text);
    onChange(text);
  };
  return (
    <span className={s.filter}>
      <Search size={14} aria-hidden />
      <input
        type="search"
        data-filter
        aria-label={label}
        className={s.input}
        value={typed ?? value}
        placeholder={placeholder ?? label}
        onChange={(event) => change(event.target.value)}
        onBlur={() => setTyped(null)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (event.currentTarget.value !== "") change("");
          event.currentTarget.blur();
        }}
      />
    </span>
  );
}
