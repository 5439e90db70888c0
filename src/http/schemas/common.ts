import { type TSchema, Type } from "typebox";
import { CHANNELS } from "../../core/identity/channel.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";

/** Any JSON value. */
export const AnyJson = Type.Unsafe<JsonValue>({});

/** Any JSON object. */
export const AnyObject = Type.Unsafe<JsonObject>({ type: "object" });

/** RFC 3339 in UTC with milliseconds. */
export const Time = Type.String({ format: "date-time", examples: ["2026-01-05T09:00:00.000Z"] });

/** The value, or null. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** By which way something came in. */
export const Channel = Type.Enum([...CHANNELS], {
  title: "Channel",
  description: "The way it came in. `cli`, and `ui` where nobody logs in, are what the caller said of itself",
});

/** One page of a list; `nextCursor` is null on the last. */
export const pageOf = <T extends TSchema>(item: T, title: string) =>
  Type.Object({ items: Type.Array(item), nextCursor: nullable(Type.String()) }, { title });

/** Where a request that names none belongs. */
export const DEFAULT_ENVIRONMENT = "default";

/** Agents and workflows live in an environment. */
export const Environment = Type.String({ minLength: 1, maxLength: 100, default: DEFAULT_ENVIRONMENT });

/** An environment that may also be named elsewhere in the request: absent is not yet `default`. */
export const NamedEnvironment = Type.String({ minLength: 1, maxLength: 100 });

/** For writes that must not overtake somebody else's. */
export const IfMatch = Type.Object({
  "if-match": Type.Optional(Type.String({ description: 'The version it must be at, as in `ETag`: `"3"`' })),
});

/** Query parameters of every paged list. */
export const paging = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  cursor: Type.Optional(Type.String({ description: "`nextCursor` of the page before" })),
};

/** Labels a caller puts on a run. */
export const Labels = Type.Record(Type.String(), Type.String());
