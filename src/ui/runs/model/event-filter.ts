import type { RunEventItem } from "../../../http/schemas/runs.ts";

/** Kinds of events, as people look for them. */
export const FAMILIES = ["run", "branch", "state", "step", "approval", "signal", "schema", "other"] as const;
export type Family = (typeof FAMILIES)[number];

export type EventFilter = { readonly families: ReadonlySet<Family>; readonly text: string };

/** The kind of an event's type; of a kind this version does not know: other. */
export function familyOf(type: string): Family {
  const word = type.split(".", 1)[0] ?? "";
  if (word === "children") return "branch";
  return FAMILIES.find((family) => family === word) ?? "other";
}

/** The events up to number `n` that fit; the text may stand anywhere in them. */
export function filterEvents(
  events: readonly RunEventItem[],
  n: number,
  { families, text }: EventFilter,
): readonly RunEventItem[] {
  const upTo = events.length > n ? events.slice(0, n) : events;
  if (families.size === 0 && text === "") return n === events.length ? [...upTo] : upTo;
  const needle = text.toLowerCase();
  return upTo.filter((event) => fitsFamily(event, families) && fitsText(event, needle));
}

function fitsFamily(event: RunEventItem, families: ReadonlySet<Family>): boolean {
  if (families.size === 0 || families.has(familyOf(event.type))) return true;
  return families.has("schema") && event.data["validation"] !== undefined;
}

function fitsText(event: RunEventItem, needle: string): boolean {
  if (needle === "") return true;
  const { type, state, branch, actor, channel, stepId } = event;
  if ([type, state, branch, actor, channel, stepId].some((part) => part?.toLowerCase().includes(needle)))
    return true;
  return JSON.stringify(event.data).toLowerCase().includes(needle);
}
