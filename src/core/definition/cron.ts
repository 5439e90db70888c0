import { didYouMean } from "./suggest.ts";

/** The short forms that stand for five fields. */
const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

type Field = {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
};

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, words: MONTHS },
  { name: "day of the week", min: 0, max: 7, words: DAYS }, // 0 and 7 are Sunday
];

/** The most days a month can have, February's in a leap year. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What a cron expression must be, for messages. */
export const CRON_EXPECTED = 'five fields like "0 6 * * 1-5", or a macro like @daily';

/** A cron expression, read: the numbers that each field allows, in order. */
export type Cron = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** From Sunday, 0. */
  readonly weekdays: readonly number[];
  /** Days of the month and of the week are both named: either is enough. */
  readonly eitherDay: boolean;
  /** The hours are `*` or a step of it: no times of the day, but hours that pass. */
  readonly everyHour: boolean;
};

/**
 * Reads a cron expression; a text says what is wrong with it. Five fields of `*`, numbers, names, ranges, lists and
 * steps (`0 6-18/2 * * mon-fri`), or a macro like `@daily`.
 */
export function readCron(cron: string): Cron | string {
  if (cron.startsWith("@") && !Object.hasOwn(MACROS, cron)) {
    const hint = didYouMean(cron, Object.keys(MACROS));
    return `"${cron}" is not one of ${Object.keys(MACROS).join(", ")}${hint ? `; ${hint}` : ""}`;
  }
  const parts = (MACROS[cron] ?? cron).split(/\s+/);
  if (parts.length !== FIELDS.length)
    return `it has ${parts.length} field${parts.length === 1 ? "" : "s"}, not five`;
  const values: (readonly number[])[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const read = readField(field, parts[index] ?? "");
    if (typeof read === "string") return read;
    values.push(inOrder(read));
  }
  if (neverComes(parts, values)) return "no month has such a day";
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = values;
  const isAny = (index: number) => /^[*?]/.test(parts[index] ?? "");
  return {
    minutes,
    hours,
    days,
    months,
    weekdays: inOrder(weekdays.map((day) => day % 7)),
    eitherDay: !isAny(2) && !isAny(4),
    everyHour: isAny(1),
  };
}

/** What is wrong with a cron expression; `null` when nothing is. */
export function cronComplaint(cron: string): string | null {
  const read = readCron(cron);
  return typeof read === "string" ? read : null;
}

function inOrder(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The numbers a field allows, or what is wrong with it. */
function readField(field: Field, text: string): readonly number[] | string {
  const found: number[] = [];
  for (const item of text.split(",")) {
    const read = readItem(field, item);
    if (typeof read === "string") return `${field.name}: ${read}`;
    found.push(...read);
  }
  return found;
}

function readItem(field: Field, item: string): readonly number[] | string {
  const [range = "", step, ...more] = item.split("/");
  if (more.length > 0 || step === "") return `"${item}" is not a step`;
  const by = step === undefined ? 1 : /^\d+$/.test(step) ? Number(step) : 0;
  if (by < 1) return `a step must be a number of at least 1, not "${step}"`;
  const bounds = readRange(field, range, step !== undefined);
  if (typeof bounds === "string") return bounds;
  const [from, to] = bounds;
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function readRange(field: Field, range: string, hasStep: boolean): readonly [number, number] | string {
  const { min, max, name } = field;
  if (range === "*" || (range === "?" && name.startsWith("day"))) return [min, max];
  const ends = range.split("-").map((text) => readNumber(field, text));
  const [from, to = hasStep ? max : from] = ends;
  if (ends.length > 2 || from === null || from === undefined || to === null || to === undefined)
    return `"${range}" is not ${field.words ? `a name or number` : "a number"} from ${min} to ${max}`;
  return from <= to ? [from, to] : `"${range}" goes backwards`;
}

function readNumber({ min, max, words = [] }: Field, text: string): number | null {
  const word = words.indexOf(text.toLowerCase());
  if (word !== -1) return word + min;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : null;
}

/** A day that none of its months has; with a weekday beside it, either is enough. */
function neverComes(parts: readonly string[], values: readonly (readonly number[])[]): boolean {
  const [, , days = [], months = []] = values;
  if (!/^[*?]/.test(parts[4] ?? "")) return false;
  return months.every((month) => days.every((day) => day > (LENGTHS[month - 1] ?? 31)));
}
