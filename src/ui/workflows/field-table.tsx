import type { JsonObject } from "../../core/json.ts";
import { choiceText, type FormField, fieldsOf } from "./start/form-model.ts";
import s from "./workflow-page.module.css";

/** What a JSON Schema asks for, field by field, those within others behind them. */
export function FieldTable({ fields }: { readonly fields: readonly FormField[] }) {
  return (
    <dl className={s.inputs}>
      {fields.map((field) => (
        <div key={field.pointer} className={s.input}>
          <dt>
            <code>{field.pointer.slice(1).replaceAll("/", ".")}</code>
            {field.isRequired && <span className={s.required}> required</span>}
          </dt>
          <dd>
            <span className={s.faint}>{typeOf(field)}</span> {field.description}
            {field.initial !== undefined && (
              <span className={s.faint}>
                {" "}
                · default <code>{choiceText(field.initial)}</code>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The fields of a schema at every depth. */
export function allFields(schema: JsonObject | undefined): readonly FormField[] {
  return flat(fieldsOf(schema));
}

function flat(fields: readonly FormField[]): readonly FormField[] {
  return fields.flatMap((field) => [
    field,
    ...(field.control.kind === "group" ? flat(field.control.fields) : []),
  ]);
}

function typeOf({ control }: FormField): string {
  switch (control.kind) {
    case "choice":
      return control.choices.map(choiceText).join(" | ");
    case "rows":
      return "array";
    case "json":
      return control.shape;
    case "group":
      return "object";
    case "text":
      return "string";
    case "number":
    case "integer":
    case "boolean":
      return control.kind;
  }
}
