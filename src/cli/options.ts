import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../core/definition/duration.ts";
import { closest } from "../core/definition/suggest.ts";
import type { RunStatus } from "../core/run/run.ts";
import { parseInstant } from "../core/time.ts";
import { RUN_STATUSES } from "../http/schemas/runs.ts";

/** A list has no more, whatever is wanted of it. */
export const MOST_LISTED = 200;

/** How much of a list is wanted. */
export function limitOption(): Option {
  return new Option("--limit <n>", `at most so many (1 to ${MOST_LISTED})`).default(50).argParser(limitOf);
}

function limitOf(text: string): number {
  const limit = wholeNumber(text);
  if (limit < 1 || limit > MOST_LISTED) throw new InvalidArgumentError(`A limit is 1 to ${MOST_LISTED}.`);
  return limit;
}

/** A workflow's version, as its list counts them. */
export function versionNumber(text: string): number {
  const version = wholeNumber(text.replace(/^v/, ""));
  if (version < 1) throw new InvalidArgumentError("Versions count from 1.");
  return version;
}

/** The environment that was named, as a query. */
export function inEnvironment(environment: string | null): { readonly environment?: string } {
  return environment === null ? {} : { environment };
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("That is not a whole number.");
  return Number(text);
}

/** A run's status as people write it: `failed`, `waiting-approval`. */
export function statusNamed(text: string, before: readonly RunStatus[] | undefined): readonly RunStatus[] {
  const name = text.toUpperCase().replaceAll("-", "_");
  const found = RUN_STATUSES.find((status) => status === name);
  if (found) return [...(before ?? []), found];
  const near = closest(name, RUN_STATUSES)?.toLowerCase();
  const list = RUN_STATUSES.map((status) => status.toLowerCase()).join(", ");
  throw new InvalidArgumentError(near ? `Did you mean ${near}?` : `There are: ${list}.`);
}

/** A time in the past as people write it: `2h` ago, or a date. Milliseconds since 1970 for a given now. */
export function pastMoment(text: string): (now: number) => number {
  const seconds = parseDuration(text);
  if (seconds !== null) return (now) => now - seconds * 1000;
  const at = parseInstant(text);
  if (at === null) throw new InvalidArgumentError('Write "2h", "3d" or a date like 2026-01-05T09:00:00Z.');
  return () => at;
}
