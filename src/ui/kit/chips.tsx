import s from "./chips.module.css";

export type Chip<Value extends string> = {
  readonly value: Value;
  readonly label: string;
  /** How many there are; absent while unknown. */
  readonly count?: number | undefined;
};

/** Filters side by side, with counts; `multiple` when several may be on. */
export function Chips<Value extends string>({
  chips,
  isOn,
  onToggle,
  label,
}: {
  readonly chips: readonly Chip<Value>[];
  readonly isOn: (value: Value) => boolean;
  readonly onToggle: (value: Value) => void;
  readonly label: string;
}) {
  return (
    <fieldset className={s.chips} aria-label={label}>
      {chips.map(({ value, label: text, count }) => (
        <button
          key={value}
          type="button"
          className={s.chip}
          aria-pressed={isOn(value)}
          onClick={() => onToggle(value)}
        >
          {text}
          {count !== undefined && <span className={s.count}>{count}</span>}
        </button>
      ))}
    </fieldset>
  );
}
