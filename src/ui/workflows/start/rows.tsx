import { Plus, X } from "lucide-react";
import { isList, isObject, type JsonValue } from "../../../core/json.ts";
import { Button, ButtonRow, IconButton } from "../../kit/button.tsx";
import { Select, TextInput } from "../../kit/field.tsx";
import { type Column, choiceText, type FormField } from "./form-model.ts";
import s from "./start.module.css";

type Control = Extract<FormField["control"], { readonly kind: "rows" }>;

/** The items of a list in a draft; null for what is no list, which is left to be written as JSON. */
export function rowsIn(text: string | undefined): readonly JsonValue[] | null {
  if (text === undefined || text === "") return [];
  try {
    const value = JSON.parse(text) as JsonValue;
    return isList(value) ? value : null;
  } catch {
    return null; // it was taken over from a text that is no JSON yet
  }
}

/** A list as a table that grows: a row for each item, a field for each of its names. */
export function Rows({
  name,
  control: { columns, isOfObjects },
  rows,
  onChange,
}: {
  readonly name: string;
  readonly control: Control;
  readonly rows: readonly JsonValue[];
  readonly onChange: (rows: readonly JsonValue[]) => void;
}) {
  // As it is typed: a number would lose its point before what stands behind it. What is meant is read with the input.
  const change = (index: number, { key }: Column, text: string) => {
    const row = rows[index];
    const { [key]: _, ...others } = isObject(row) ? row : {};
    onChange(rows.with(index, !isOfObjects ? text : text === "" ? others : { ...others, [key]: text }));
  };
  return (
    <>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item is nothing but its place
        <div key={index} className={s.row} role="group" aria-label={`${name} ${index + 1}`}>
          {columns.map((column) => (
            <Cell
              key={column.key}
              column={column}
              value={isOfObjects ? (isObject(row) ? row[column.key] : undefined) : row}
              onChange={(text) => change(index, column, text)}
            />
          ))}
          <IconButton
            icon={X}
            label={`Remove ${name} ${index + 1}`}
            onClick={() => onChange(rows.toSpliced(index, 1))}
          />
        </div>
      ))}
      <ButtonRow>
        <Button icon={Plus} onClick={() => onChange([...rows, isOfObjects ? {} : ""])}>
          Add to {name}
        </Button>
      </ButtonRow>
    </>
  );
}

function Cell({
  column: { label, control, isRequired },
  value,
  onChange,
}: {
  readonly column: Column;
  readonly value: JsonValue | undefined;
  readonly onChange: (text: string) => void;
}) {
  const text = value === undefined ? "" : choiceText(value);
  if (control.kind !== "choice" && control.kind !== "boolean")
    return (
      <TextInput
        aria-label={label}
        aria-required={isRequired || undefined}
        placeholder={label}
        value={text}
        {...(control.kind !== "text" && { inputMode: control.kind === "integer" ? "numeric" : "decimal" })}
        onChange={({ target }) => onChange(target.value)}
      />
    );
  const choices = control.kind === "choice" ? control.choices.map(choiceText) : ["true", "false"];
  return (
    <Select
      aria-label={label}
      aria-required={isRequired || undefined}
      value={text}
      onChange={({ target }) => onChange(target.value)}
    >
      <option value="">{label}…</option>
      {choices.map((choice) => (
        <option key={choice}>{choice}</option>
      ))}
    </Select>
  );
}
