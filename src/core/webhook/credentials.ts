import { createHash } from "node:crypto";
import type { HmacScheme, Scheme } from "./hook.ts";
import { type Bytes, hmac, isEncodingOf } from "./signature.ts";
import { faultOf, faultOfTime, type MessageFault, parseSecret } from "./standard-webhooks.ts";

/** A request's headers, asked for by lower-case name. */
export type HeaderOf = (name: string) => string | null;

/** What a request lacks to be believed. */
export type Disbelief = MessageFault;

/**
 * Checks what a request shows against each of the secrets, at `now` (milliseconds): `null` when it is believed. The
 * secrets are texts, for `bearer` hashes of them. Takes as long for a wrong signature as for a right one.
 */
export function disbelief(
  scheme: Scheme,
  secrets: readonly string[],
  header: HeaderOf,
  body: Bytes,
  now: number,
): Disbelief | null {
  switch (scheme.type) {
    case "standard-webhooks": {
      const headers = Object.fromEntries(
        (["webhook-id", "webhook-timestamp", "webhook-signature"] as const).map((name) => [
          name,
          header(name) ?? "",
        ]),
      );
      return faultOf(
        secrets.flatMap((secret) => parseSecret(secret) ?? []),
        headers,
        body,
        now,
      );
    }
    case "github":
      return ofHmac(GITHUB, secrets, header, body, now);
    case "hmac":
      return ofHmac(scheme, secrets, header, body, now);
    case "bearer": {
      const token = /^bearer +(\S+)$/i.exec(header("authorization") ?? "")?.[1];
      if (token === undefined) return "unsigned";
      const hash = Buffer.from(tokenHash(token), "hex");
      const isKnown = secrets.map((secret) => isEncodingOf(secret, "hex", hash)).includes(true);
      return isKnown ? null : "wrong-signature";
    }
  }
}

/** What is kept of a bearer's token. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Names what was signed: equal for two requests that differ in nothing that their sender vouches for. */
export function contentId(scheme: Scheme, header: HeaderOf, body: Bytes): string {
  const hash = createHash("sha256");
  for (const part of partsOf(scheme.type === "hmac" ? scheme : GITHUB, header, body)) hash.update(part);
  return `sha256:${hash.digest("hex")}`;
}

/** What is wrong with an HMAC scheme's `signs`; `null` for nothing. */
export function faultOfSigns({ signs, timestampHeader }: HmacScheme): string | null {
  const [times, bodies] = ["{timestamp}", "{body}"].map((mark) => signs.split(mark).length - 1);
  if (bodies !== 1) return "must have {body} once: what is not signed can be changed by anybody";
  if (timestampHeader === null) return times === 0 ? null : "has {timestamp}, and no timestampHeader";
  return times === 1 ? null : "must have {timestamp} once: a time that is not signed proves nothing";
}

const GITHUB: HmacScheme = {
  type: "hmac",
  header: "x-hub-signature-256",
  algorithm: "sha256",
  encoding: "hex",
  prefix: "sha256=",
  timestampHeader: null,
  signs: "{body}",
};

function ofHmac(
  scheme: HmacScheme,
  secrets: readonly string[],
  header: HeaderOf,
  body: Bytes,
  now: number,
): Disbelief | null {
  const given = header(scheme.header);
  const time = scheme.timestampHeader === null ? null : header(scheme.timestampHeader);
  if (given === null || !given.startsWith(scheme.prefix)) return "unsigned";
  if (scheme.timestampHeader !== null && !/^\d{1,12}$/.test(time ?? "")) return "unsigned";
  const parts = partsOf(scheme, header, body);
  const text = given.slice(scheme.prefix.length);
  const signature = scheme.encoding === "hex" ? text.toLowerCase() : text;
  const matches = secrets.map((secret) =>
    isEncodingOf(signature, scheme.encoding, hmac(scheme.algorithm, secret, parts)),
  );
  if (!matches.includes(true)) return "wrong-signature";
  return time === null ? null : faultOfTime(Number(time), now);
}

function partsOf({ signs, timestampHeader }: HmacScheme, header: HeaderOf, body: Bytes): readonly Bytes[] {
  const time = timestampHeader === null ? "" : (header(timestampHeader) ?? "");
  const [before = "", after = ""] = signs.split("{body}").map((part) => part.replace("{timestamp}", time));
  return [before, body, after];
}
