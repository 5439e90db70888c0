import { hash } from "node:crypto";
import { DEEPEST, define, isTooDeep, type JsonObject, type JsonValue } from "../json.ts";
import { child } from "../path.ts";
import { isoTime } from "../time.ts";
import type { HeaderOf } from "./credentials.ts";
import type { Hook, Scheme } from "./hook.ts";

/** A request as its hook sees it, and as it is kept: nothing in it is a credential. */
export type HookRequest = {
  /** By lower-case name: the ones that the hook lets through. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: JsonObject;
  readonly contentType: string;
  /** As it was signed. */
  readonly text: string;
};

export type Content =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly why: "type" | "syntax"; readonly message: string };

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
const FORM_TYPE = "application/x-www-form-urlencoded";

const LONGEST_ID = 255;

/** What a hook understands, for whoever sends something else. */
export const CONTENT_TYPES = `application/json or ${FORM_TYPE}`;

/** Names of what nobody but the receiver may read. */
const CREDENTIAL = /authori[sz]|cookie|secret|token|signature|passw|credential|api-?key|^(?:auth|sig|key)$/i;

/** Whether a header or parameter of this name may be shown to templates and kept. */
export function isCredential(name: string): boolean {
  return CREDENTIAL.test(name);
}

/** The part of a request that its hook lets through; `query` as it came, one pair per value. */
export function requestOf(
  hook: Pick<Hook, "scheme" | "headers" | "identity">,
  header: HeaderOf,
  query: Iterable<readonly [string, string]>,
  text: string,
): HookRequest {
  const headers: Record<string, string> = {};
  for (const name of namesOf(hook)) {
    const value = header(name);
    if (value !== null && !isCredential(name)) headers[name] = value;
  }
  const contentType = (header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const shown = [...query].filter(([name]) => !isCredential(name));
  return { headers, query: valuesOf(shown), contentType, text };
}

/** A body as a value. GitHub's form has one field, `payload`, with JSON in it. */
export function contentOf(scheme: Scheme, { contentType, text }: HookRequest): Content {
  if (JSON_TYPE.test(contentType)) return parsed(text, "the body");
  if (contentType !== FORM_TYPE) {
    const got = contentType === "" ? "no content type" : `"${contentType}"`;
    return { ok: false, why: "type", message: `a hook takes ${CONTENT_TYPES}; the request has ${got}` };
  }
  const form = new URLSearchParams(text);
  if (scheme.type !== "github") return { ok: true, value: valuesOf(form) };
  const payload = form.get("payload");
  if (payload === null) return { ok: false, why: "syntax", message: 'the form has no field "payload"' };
  return parsed(payload, 'the form\'s field "payload"');
}

/** What the templates and the condition of a hook may read. */
export function contextOf(
  hook: Pick<Hook, "scheme" | "name">,
  { headers, query }: Pick<HookRequest, "headers" | "query">,
  body: JsonValue,
  { id, receivedAt }: { readonly id: string | null; readonly receivedAt: number },
): JsonObject {
  const event = {
    id,
    type: typeOf(hook.scheme, headers, body),
    hook: hook.name,
    receivedAt: isoTime(receivedAt),
  };
  return { body, headers, query, event };
}

/** The kind of an event in its sender's words; `null` where the scheme has no place for it. */
export function typeOf(scheme: Scheme, headers: HookRequest["headers"], body: JsonValue): string | null {
  if (scheme.type === "github") return headers["x-github-event"] ?? null;
  if (scheme.type !== "standard-webhooks") return null;
  const type = child(body, "type");
  return typeof type === "string" ? type : null;
}

/** An id by which an event is known again. Long ones are shortened to a hash. */
export function eventIdOf(text: string): string {
  return text.length <= LONGEST_ID ? text : `sha256:${hash("sha256", text)}`;
}

const OWN_HEADERS: Readonly<Record<Scheme["type"], readonly string[]>> = {
  "standard-webhooks": ["webhook-id", "webhook-timestamp"],
  github: ["x-github-event", "x-github-delivery", "x-github-hook-id"],
  hmac: [],
  bearer: [],
};

function namesOf({ scheme, headers, identity }: Pick<Hook, "scheme" | "headers" | "identity">): string[] {
  const time = scheme.type === "hmac" && scheme.timestampHeader !== null ? [scheme.timestampHeader] : [];
  const id = identity.by === "header" ? [identity.header] : [];
  return [...new Set(["user-agent", ...OWN_HEADERS[scheme.type], ...time, ...id, ...headers])];
}

/** One value as a text, several as a list. */
function valuesOf(pairs: Iterable<readonly [string, string]>): JsonObject {
  const values: Record<string, JsonValue> = {};
  const byName = Map.groupBy(pairs, ([name]) => name);
  for (const [name, all] of byName) {
    const [first = "", ...more] = all.map(([, value]) => value);
    define(values, name, more.length === 0 ? first : [first, ...more]);
  }
  return values;
}

const MANY_DIGITS = /\d{16}/;

/** An integer beyond those that a number keeps exactly is the text of its digits: two ids must not become one. */
function withAllDigits(
  _: string,
  value: JsonValue,
  { source }: { readonly source?: string } = {},
): JsonValue {
  const isRounded = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && /^-?\d+$/.test(source) ? source : value;
}

function parsed(text: string, what: string): Content {
  try {
    // Some programs write a byte order mark, which nobody sees; it may be ignored (RFC 8259 §8.1).
    const json = text.replace(/^\uFEFF/, "");
    const value = (MANY_DIGITS.test(json) ? JSON.parse(json, withAllDigits) : JSON.parse(json)) as JsonValue;
    if (!isTooDeep(value)) return { ok: true, value };
    return { ok: false, why: "syntax", message: `${what} is nested more than ${DEEPEST} deep` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, why: "syntax", message: `${what} is not JSON: ${why}` };
  }
}
