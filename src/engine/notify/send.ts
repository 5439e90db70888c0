import type { Payload } from "../../core/notify/notification.ts";
import { verdictOf } from "../../core/notify/retry.ts";
import type { Channel, Subscription } from "../../core/notify/subscription.ts";
import type { Message } from "../../core/notify/texts.ts";
import { secondsToWait } from "../../core/retry-after.ts";
import { signMessage } from "../../core/webhook/standard-webhooks.ts";
import { OutgoingRefused } from "../ports/outgoing.ts";
import type { Reach } from "../ports/reach.ts";
import type { Ports } from "../ports.ts";
import { addressOf, secretsOf, type Unreadable } from "./secrets.ts";

export type SendPorts = Pick<Ports, "clock" | "vault"> & { readonly reach: Reach };

/** What one receiver is sent. A program reads the payload, people read the message. */
export type Sending = {
  /** The same for the same telling, however often it is sent: receivers know it again by that. */
  readonly id: string;
  readonly recipient: string | null;
  readonly payload: Pick<Payload, "timestamp"> & { readonly type: string; readonly data: unknown };
  readonly message: Message;
};

/** What came of it. */
export type Sent = {
  /** `gone`: there is nobody any more; `refused`: it would be refused again; `failed`: it may have arrived. */
  readonly verdict: "delivered" | "gone" | "refused" | "failed";
  /** HTTP or SMTP status; `null` without an answer. */
  readonly status: number | null;
  readonly answer: string | null;
  readonly error: string | null;
  /** How long the receiver wants to be left alone. */
  readonly retryAfterSeconds: number | null;
};

const TIMEOUT_MS = 20_000;
const MOST_ANSWER = 2000;

/** Sends once, by whatever way the subscription says. Never rejects for what the receiver does. */
export async function send(ports: SendPorts, subscription: Subscription, sending: Sending): Promise<Sent> {
  const { channel } = subscription;
  try {
    switch (channel.kind) {
      case "webhook":
        return await sendWebhook(ports, subscription, channel, sending);
      case "slack":
        return await sendSlack(ports, subscription, channel, sending);
      case "mail":
        return await sendMail(ports, sending);
    }
  } catch (error) {
    const verdict = error instanceof OutgoingRefused ? "refused" : "failed";
    return notSent(verdict, error instanceof Error ? error.message : String(error));
  }
}

async function sendWebhook(
  ports: SendPorts,
  subscription: Subscription,
  channel: Extract<Channel, { kind: "webhook" }>,
  { id, payload }: Sending,
): Promise<Sent> {
  const now = ports.clock.now();
  const secrets = secretsOf(ports, subscription, channel, now);
  if ("unreadable" in secrets) return unreadable(secrets);
  const body = JSON.stringify(payload);
  const signed = signMessage(secrets, { id, timestamp: Math.floor(now / 1000), body });
  return post(ports, channel.url, body, signed);
}

async function sendSlack(
  ports: SendPorts,
  subscription: Subscription,
  channel: Extract<Channel, { kind: "slack" }>,
  { message }: Sending,
): Promise<Sent> {
  const address = addressOf(ports, subscription, channel);
  if (typeof address !== "string") return unreadable(address);
  return post(ports, address, JSON.stringify({ text: `*${message.subject}*\n${message.text}` }), {});
}

async function post(
  { reach, clock }: SendPorts,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Sent> {
  const answer = await reach.outgoing.send({
    url,
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8", "user-agent": "Station", ...headers },
    body,
    timeoutMs: TIMEOUT_MS,
  });
  const verdict = verdictOf(answer.status);
  const seconds = secondsToWait(answer.headers["retry-after"], clock.now()) ?? 0;
  const isRedirect = answer.status >= 300 && answer.status < 400;
  return {
    verdict,
    status: answer.status,
    answer: answer.body.slice(0, MOST_ANSWER),
    error:
      verdict === "delivered"
        ? null
        : `it answered ${answer.status}${isRedirect ? ", and redirects are not followed" : ""}`,
    retryAfterSeconds: seconds > 0 ? seconds : null,
  };
}

async function sendMail({ reach }: SendPorts, { id, recipient, message }: Sending): Promise<Sent> {
  if (!reach.mailer) return notSent("failed", "no mail is sent from here: set STATION_SMTP_URL");
  if (recipient === null) return notSent("refused", "a mail needs an address");
  const { subject, text } = message;
  const { status, answer } = await reach.mailer.send({
    id,
    to: recipient,
    subject: subject.replaceAll(/\s+/g, " "),
    text,
    timeoutMs: TIMEOUT_MS,
  });
  return {
    verdict: "delivered",
    status,
    answer: answer.slice(0, MOST_ANSWER),
    error: null,
    retryAfterSeconds: null,
  };
}

function notSent(verdict: "refused" | "failed", error: string): Sent {
  return { verdict, status: null, answer: null, error, retryAfterSeconds: null };
}

/** Its key may come back. */
function unreadable({ unreadable: error }: Unreadable): Sent {
  return notSent("failed", error);
}
