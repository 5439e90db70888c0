import type { JsonValue } from "../../core/json.ts";

const possiblyUnsafe = /\d{16}/;
const integer = /^-?\d+$/;

/** An integer in the value is too large to be exact as a JavaScript number. */
export class UnsafeInteger extends Error {
  override readonly name = "UnsafeInteger";
  constructor(source: string) {
    super(`the value contains the integer ${source}, which is beyond ±(2^53 − 1): use str(…) or float(…)`);
  }
}

/** Parses the value of a program; throws `UnsafeInteger` rather than round one. */
export function parseValue(text: string): JsonValue {
  if (!possiblyUnsafe.test(text)) return JSON.parse(text);
  return JSON.parse(text, refuseUnsafe as (key: string, value: unknown) => unknown);
}

function refuseUnsafe(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    const { source } = context;
    if (source !== undefined && integer.test(source)) throw new UnsafeInteger(source);
  }
  return value;
}
