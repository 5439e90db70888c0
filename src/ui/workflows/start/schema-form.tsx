import type { ReactNode } from "react";
import { Field, Radios, Select, TextArea, TextInput } from "../../kit/field.tsx";
import { choiceText, type Draft, type FormField } from "./form-model.ts";
import { Rows, rowsIn } from "./rows.tsx";
import s from "./start.module.css";

type FormProps = {
  readonly fields: readonly FormField[];
  readonly draft: Draft;
  readonly wrong: Readonly<Record<string, string>>;
  readonly onChange: (pointer: string, text: string) => void;
};

/** The fields of a schema, one below the other; what is inside an object is a group. */
export function SchemaForm({ fields, ...rest }: FormProps) {
  return fields.map((field) =>
    field.control.kind === "group" ? (
      <fieldset key={field.pointer} className={s.group}>
        <legend className={s.legend}>
          <Label field={field} />
        </legend>
        {field.description && <p className={s.help}>{field.description}</p>}
        <SchemaForm fields={field.control.fields} {...rest} />
      </fieldset>
    ) : field.control.kind === "rows" && rowsIn(rest.draft[field.pointer]) !== null ? (
      <fieldset key={field.pointer} className={s.group}>
        <legend className={s.legend}>
          <Label field={field} />
        </legend>
        {field.description && <p className={s.help}>{field.description}</p>}
        <Rows
          name={field.label}
          control={field.control}
          rows={rowsIn(rest.draft[field.pointer]) ?? []}
          onChange={(rows) =>
            rest.onChange(field.pointer, rows.length === 0 && !field.isRequired ? "" : JSON.stringify(rows))
          }
        />
        {rest.wrong[field.pointer] && <p className={s.wrong}>{rest.wrong[field.pointer]}</p>}
      </fieldset>
    ) : (
      <SchemaField key={field.pointer} field={field} {...rest} />
    ),
  );
}

function SchemaField({
  field,
  draft,
  wrong,
  onChange,
}: Omit<FormProps, "fields"> & { readonly field: FormField }) {
  const { pointer, control, description, isRequired, initial } = field;
  // What is left empty is not sent: the server puts this in its place.
  const usual = initial === undefined ? undefined : choiceText(initial);
  const text = draft[pointer] ?? "";
  const change = (event: { readonly target: { readonly value: string } }) =>
    onChange(pointer, event.target.value);
  const shape =
    control.kind === "rows"
      ? "A list as JSON"
      : control.kind === "json"
        ? `${control.shape === "array" ? "A list" : "A value"} as JSON`
        : null;
  const hint = [description, shape].filter(Boolean).join(" · ");
  if (control.kind === "choice" && isFew(field, control.choices))
    return (
      <Radios
        label={<Label field={field} />}
        hint={hint}
        error={wrong[pointer]}
        name={pointer}
        isRequired={isRequired}
        choices={control.choices.map(choiceText)}
        value={text}
        onChange={(value) => onChange(pointer, value)}
      />
    );
  return (
    <Field label={<Label field={field} />} error={wrong[pointer]} {...(hint !== "" && { hint })}>
      {(ids): ReactNode => {
        const wiring = { ...ids, name: pointer, "aria-required": isRequired || undefined, value: text };
        switch (control.kind) {
          case "choice":
          case "boolean": {
            const choices = control.kind === "choice" ? control.choices.map(choiceText) : ["true", "false"];
            return (
              <Select {...wiring} onChange={change}>
                {(text === "" || !isRequired) && (
                  <option value="">
                    {usual !== undefined ? `Not set: ${usual}` : isRequired ? "Choose…" : "Not set"}
                  </option>
                )}
                {choices.map((choice) => (
                  <option key={choice}>{choice}</option>
                ))}
              </Select>
            );
          }
          case "rows":
          case "json":
            return <TextArea {...wiring} rows={3} placeholder={usual} onChange={change} />;
          case "number":
          case "integer":
            return (
              <TextInput
                {...wiring}
                inputMode={control.kind === "integer" ? "numeric" : "decimal"}
                placeholder={usual}
                onChange={change}
              />
            );
          case "text":
          case "group":
            return <TextInput {...wiring} placeholder={usual} onChange={change} />;
        }
      }}
    </Field>
  );
}

const FEW = 4;

/** So few that all are in sight; where none may be chosen, a list offers that too. */
function isFew({ isRequired, initial }: FormField, choices: readonly unknown[]): boolean {
  return choices.length <= FEW && (isRequired || initial !== undefined);
}

function Label({ field: { label, key, isRequired } }: { readonly field: FormField }) {
  return (
    <>
      {label}
      {isRequired && (
        <span className={s.required} aria-hidden>
          {" "}
          *
        </span>
      )}
      {label !== key && <code className={s.key}>{key}</code>}
    </>
  );
}
