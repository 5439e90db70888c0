import { type Bytes, hmac, isEncodingOf } from "./signature.ts";

/**
 * Standard Webhooks (standardwebhooks.com): a message has an id and a time, and the signature is over
 * `id.time.body`. Whoever receives it knows who sent it and when, and can tell a message that comes twice.
 */
export type Message = {
  readonly id: string;
  /** Seconds since 1970, as it was signed. */
  readonly timestamp: number;
  readonly body: Bytes;
};

/** The headers of a message, by the specification's names in lower case. */
export type MessageHeaders = {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/** What is wrong with a message: it says nothing about the right signature. */
export type MessageFault = "unsigned" | "wrong-signature" | "too-old" | "too-new";

/** How far a message's time may be from the receiver's, in seconds. */
const TOLERANCE_SECONDS = 300;

const PREFIX = "whsec_";
/** Bytes of a secret, by the specification. */
const SECRET_BYTES = { least: 24, most: 64 } as const;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes of `whsec_<base64>` of 24 to 64 bytes; `null` for anything else. */
export function parseSecret(text: string): Uint8Array | null {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : "";
  if (encoded === "" || !BASE64.test(encoded)) return null;
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length < SECRET_BYTES.least || bytes.length > SECRET_BYTES.most ? null : bytes;
}

/** A secret as both sides write it down: `whsec_<base64>`. */
export function secretText(bytes: Uint8Array): string {
  return PREFIX + Buffer.from(bytes).toString("base64");
}

/** The headers of a message that is signed with each of the secrets, so that its receiver may know any of them. */
export function signMessage(secrets: readonly Uint8Array[], message: Message): MessageHeaders {
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.timestamp),
    "webhook-signature": secrets
      .map((secret) => `v1,${signatureOf(secret, message).toString("base64")}`)
      .join(" "),
  };
}

/**
 * Checks a message against every secret that counts, at `now` (milliseconds): `null` when one of its signatures is
 * right and its time within five minutes. The time is looked at only when the signature is right.
 */
export function faultOf(
  secrets: readonly Uint8Array[],
  headers: Partial<MessageHeaders>,
  body: Bytes,
  now: number,
): MessageFault | null {
  const {
    "webhook-id": id = "",
    "webhook-timestamp": time = "",
    "webhook-signature": signature = "",
  } = headers;
  if (id === "" || signature === "" || !/^\d{1,12}$/.test(time)) return "unsigned";
  // Signed as it was written: "007" is not 7.
  const expected = secrets.map((secret) => hmac("sha256", secret, [`${id}.${time}.`, body]));
  const given = signature.split(" ").filter((one) => one.startsWith("v1,"));
  const matches = given.flatMap((one) => expected.map((mac) => isEncodingOf(one.slice(3), "base64", mac)));
  if (!matches.includes(true)) return "wrong-signature";
  return faultOfTime(Number(time), now);
}

/** Whether a time (seconds) is within five minutes of `now` (milliseconds): `null` when it is. */
export function faultOfTime(seconds: number, now: number): "too-old" | "too-new" | null {
  const age = Math.floor(now / 1000) - seconds;
  if (age > TOLERANCE_SECONDS) return "too-old";
  return age < -TOLERANCE_SECONDS ? "too-new" : null;
}

function signatureOf(secret: Uint8Array, { id, timestamp, body }: Message): Buffer {
  return hmac("sha256", secret, [`${id}.${timestamp}.`, body]);
}
