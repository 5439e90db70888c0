import { type Fields, find } from "./fields.ts";
import { missing, refuse } from "./read.ts";

const MAX_NAME_LENGTH = 128;

/** The name of a state or branch (`id` is an alias); "" when there is none to use. */
export function readName(fields: Fields): string {
  const found = find(fields, "name", "id");
  if (!found) {
    missing(fields, "name");
    return "";
  }
  const { value } = found;
  if (typeof value !== "string") {
    const hint = typeof value === "number" ? "put it in quotes" : undefined;
    return refuse(fields, found, "must be text", "text", "INVALID_NAME", hint) ?? "";
  }
  const complaint = nameComplaint(value);
  return complaint === null ? value : (refuse(fields, found, complaint, "name", "INVALID_NAME") ?? "");
}

/** Why a text cannot name a state or branch; `null` when it can. */
export function nameComplaint(name: string): string | null {
  if (name.trim() === "") return "must not be empty";
  if (name.length > MAX_NAME_LENGTH)
    return `must have at most ${MAX_NAME_LENGTH} characters, not ${name.length}`;
  if (/[/#]/.test(name)) return `must not contain "/" or "#"`;
  // No database keeps it, and what stands on the state would stand on another.
  if (!name.isWellFormed()) return "must not contain half a character";
  if ([...name].some((char) => char < " " || char === "\u007f")) return "must not contain control characters";
  return null;
}
