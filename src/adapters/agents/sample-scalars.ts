import type { JsonObject } from "../../core/json.ts";

/** The number nearest to zero that a schema allows. */
export function sampleNumber(schema: JsonObject, isInteger: boolean): number {
  const multiple = numberAt(schema, "multipleOf");
  const step = multiple !== undefined && multiple > 0 ? multiple : isInteger ? 1 : undefined;
  const low = boundAt(schema, "minimum", "exclusiveMinimum");
  const high = boundAt(schema, "maximum", "exclusiveMaximum");
  if (low && (low.at > 0 || (low.at === 0 && low.isOpen))) return above(low, high, step);
  if (high && (high.at < 0 || (high.at === 0 && high.isOpen)))
    return -above(flip(high), low && flip(low), step);
  return 0;
}

/** `[simulated <field>]`, or a fixed value of a known format, within the schema's lengths. */
export function sampleText(schema: JsonObject, field: string): string {
  const { format } = schema;
  const known = typeof format === "string" && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (known !== undefined) return known;
  const text = `[simulated ${field}]`.padEnd(Math.min(numberAt(schema, "minLength") ?? 0, 10_000), ".");
  return text.slice(0, numberAt(schema, "maxLength"));
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "1970-01-01T00:00:00Z",
  date: "1970-01-01",
  time: "00:00:00Z",
  duration: "PT0S",
  email: "simulated@example.com",
  hostname: "simulated.example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/simulated",
  "uri-reference": "simulated",
  uuid: "00000000-0000-4000-8000-000000000000",
};

type Bound = { readonly at: number; readonly isOpen: boolean };

/** The smallest allowed number from a positive (or open zero) bound on. */
function above(low: Bound, high: Bound | undefined, step: number | undefined): number {
  if (step !== undefined) {
    const steps = low.isOpen ? Math.floor(low.at / step) + 1 : Math.ceil(low.at / step);
    return steps * step;
  }
  if (!low.isOpen) return low.at;
  return high ? (low.at + high.at) / 2 : low.at + 1;
}

function flip({ at, isOpen }: Bound): Bound {
  return { at: -at, isOpen };
}

/** The stricter of an inclusive and an exclusive bound; draft 04's `exclusiveMinimum: true` counts too. */
function boundAt(schema: JsonObject, inclusive: string, exclusive: string): Bound | undefined {
  const closed = numberAt(schema, inclusive);
  const open = numberAt(schema, exclusive);
  if (closed === undefined) return open === undefined ? undefined : { at: open, isOpen: true };
  if (open === undefined) return { at: closed, isOpen: schema[exclusive] === true };
  const isOpenStricter = inclusive === "minimum" ? open >= closed : open <= closed;
  return isOpenStricter ? { at: open, isOpen: true } : { at: closed, isOpen: false };
}

function numberAt(schema: JsonObject, key: string): number | undefined {
  const value = schema[key];
  return typeof value === "number" ? value : undefined;
}
