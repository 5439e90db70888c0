import type { JsonObject, JsonValue } from "../../json.ts";

/** JSON Schema in few words; what is said of a value is shown by editors and by `stn schema`. */
export type Schema = JsonObject;

export const text = (description: string, more: JsonObject = {}): Schema => ({
  type: "string",
  minLength: 1,
  description,
  ...more,
});
export const flag = (description: string): Schema => ({ type: "boolean", description });
export const map = (description: string): Schema => ({ type: "object", description });
export const ref = (name: string, description?: string): Schema => ({
  $ref: `#/$defs/${name}`,
  ...(description !== undefined && { description }),
});
export const words = (list: readonly string[], description: string): Schema => ({
  enum: [...list],
  description,
});
export const whole = (description: string, more: JsonObject = {}): Schema => ({
  type: "integer",
  minimum: 1,
  description,
  ...more,
});

/** Another spelling of a key: the same schema, said to be one. */
export const alias = (schema: Schema, canonical: string): Schema => ({
  ...schema,
  description: `Another spelling of \`${canonical}\`.`,
});

/** A duration of seconds under `<name>Seconds`, with its other spellings. */
export const seconds = (name: string, description: string, minimum: JsonObject = { exclusiveMinimum: 0 }) => {
  const number: Schema = { type: "number", ...minimum, description };
  return {
    [`${name}Seconds`]: number,
    [`${snake(name)}_seconds`]: alias(number, `${name}Seconds`),
    [name]: {
      type: ["number", "string"],
      description: `${description} As text: \`90s\`, \`2m\`, \`1h30m\`, \`PT5M\`.`,
    },
  };
};

/** A map with these keys and no others. */
export const closed = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  more: JsonObject = {},
): Schema => ({ type: "object", description, properties, additionalProperties: false, ...more });

/** One of several spellings must be there. */
export const oneOfKeys = (...keys: readonly string[]): Schema => ({
  anyOf: keys.map((key) => ({ required: [key] })),
});

/** Where `condition` holds, `then` must too; elsewhere `otherwise`. */
export const when = (condition: Schema, then: Schema, otherwise?: Schema): Schema => ({
  if: condition,
  then,
  ...(otherwise && { else: otherwise }),
});

export const has = (key: string, value: JsonValue): Schema => ({
  properties: { [key]: { const: value } },
  required: [key],
});

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
