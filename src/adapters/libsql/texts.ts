import { bodiesOf } from "../../core/audit/pieces.ts";
import type { JsonValue } from "../../core/json.ts";

/** JSON texts beyond this many characters are kept in `workflow_payloads`. */
const LARGE = 256 * 1024;
/** A branch's row is read and written by every decision: its bindings (a foreach's item) go earlier. */
export const LARGE_IN_BRANCH = 4 * 1024;

/** What stands in a row for a payload: `@` and its hash, which no JSON text begins with. */
const REFERENCE = "@";

/** The fields of events that steps, branches and runs keep as well. */
const SHARED = new Set(["input", "output", "outcome", "result", "merge", "payload"]);

/** Writes the values of one transition as JSON: each once, however often it occurs, the large ones as payloads. */
export class Texts {
  /** Payloads by hash. */
  readonly payloads = new Map<string, string>();
  /** Characters written, as a measure of the transition's size. */
  size = 0;
  readonly #written = new Map<unknown, string>();

  /** A value's cell; `null` for none. */
  cell(value: JsonValue | object | undefined): string | null {
    return value === undefined ? null : this.required(value);
  }

  /** A value's cell that is never empty. */
  required(value: JsonValue | object): string {
    return this.kept(this.text(value));
  }

  /** The cell for a JSON text: the text itself, or a reference to it. */
  kept(text: string, large = LARGE): string {
    return text.length > large ? this.#spill(text) : text;
  }

  /** An object field by field, so that a field that is written elsewhere too is not written again. */
  fields(value: object): { readonly text: string; readonly spilled: string | null } {
    if (!this.#sharesFields(value)) {
      const text = JSON.stringify(value);
      if (text.length <= LARGE) {
        this.size += text.length;
        return { text, spilled: null };
      }
    }
    const parts: string[] = [];
    const spilled: string[] = [];
    for (const [key, field] of Object.entries(value)) {
      if (field === undefined) continue;
      let text = this.text(field as JsonValue);
      if (text.length > LARGE) {
        text = JSON.stringify(this.#spill(text));
        spilled.push(key);
      }
      parts.push(`${JSON.stringify(key)}:${text}`);
    }
    const text = `{${parts.join(",")}}`;
    this.size += text.length;
    return { text, spilled: spilled.length > 0 ? spilled.join(",") : null };
  }

  /** True when a field has been written already, or is of those that the rows hold too. */
  #sharesFields(value: object): boolean {
    for (const [key, field] of Object.entries(value))
      if (typeof field === "object" && (SHARED.has(key) || this.#written.has(field))) return true;
    return false;
  }

  text(value: JsonValue | object): string {
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const known = this.#written.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    this.#written.set(value, text);
    this.size += text.length;
    return text;
  }

  #spill(text: string): string {
    const bodies = bodiesOf(text);
    for (const [hash, body] of bodies) this.payloads.set(hash, body);
    return REFERENCE + bodies[0]?.[0];
  }
}

/** The hash a cell refers to, when its value is kept as a payload. */
export function referenceIn(cell: string | null): string | null {
  return cell?.startsWith(REFERENCE) ? cell.slice(1) : null;
}

/** Bodies by hash. */
export type Payloads = ReadonlyMap<string, string>;

/** The value of a cell; `undefined` for an empty one. */
export function parsed(cell: string | null, payloads: Payloads): JsonValue | undefined {
  return cell === null ? undefined : JSON.parse(bodyOf(cell, payloads));
}

/** The value of a cell that is never empty. */
export function parsedRequired<T = JsonValue>(cell: string | null, payloads: Payloads): T {
  if (cell === null) throw new Error("the store found an empty cell where a value must be");
  return JSON.parse(bodyOf(cell, payloads));
}

/** An object written by `fields`. */
export function parsedFields<T>(text: string, spilled: string | null, payloads: Payloads): T {
  const value = JSON.parse(text);
  for (const key of spilled?.split(",") ?? []) value[key] = JSON.parse(bodyOf(value[key], payloads));
  return value;
}

function bodyOf(cell: string, payloads: Payloads): string {
  const hash = referenceIn(cell);
  if (hash === null) return cell;
  const body = payloads.get(hash);
  if (body === undefined) throw new Error(`the payload ${hash} is not in the database`);
  return body;
}
