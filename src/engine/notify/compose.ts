import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Payload } from "../../core/notify/notification.ts";
import { mapTexts } from "../../core/notify/size.ts";
import { approverAt, type Subscription } from "../../core/notify/subscription.ts";
import { type Message, messageOf, plainForSlack } from "../../core/notify/texts.ts";
import { printable } from "../../core/printable.ts";
import { linkTo } from "../approval-links.ts";
import { fillTemplate } from "../fill-template.ts";
import type { Taken } from "../ports/notifications.ts";
import type { Reach } from "../ports/reach.ts";
import type { Ports } from "../ports.ts";

type ComposePorts = Pick<Ports, "store" | "clock" | "expressions"> & { readonly reach: Reach };

/** What people read; `fault` says why the subscription's own template was not used. */
export type Composed = { readonly message: Message; readonly fault: string | null };

const LINK_SECONDS = 7 * 86_400;
const MOST_TEXT = 10_000;

/** The message of a delivery: by the subscription's template, else in Station's words. */
export async function compose(
  ports: ComposePorts,
  { channel, template }: Subscription,
  { payload, recipient, approvalId }: Pick<Taken, "payload" | "recipient" | "approvalId">,
): Promise<Composed> {
  const link = await linkFor(ports, { payload, recipient, approvalId });
  const shown = asShown(payload, channel.kind);
  const own = messageOf(shown, link);
  if (channel.kind === "webhook" || Object.keys(template).length === 0) return { message: own, fault: null };
  const filled = await fillMessage(ports, template, shown, link);
  if ("fault" in filled) return { message: own, fault: filled.fault };
  return { message: { ...own, ...filled.message }, fault: null };
}

/** A template's texts; a fault says which of its expressions was wrong. */
export async function fillMessage(
  ports: Pick<Ports, "expressions">,
  template: Subscription["template"],
  payload: Payload,
  link: string | null,
): Promise<{ readonly message: Partial<Message> } | { readonly fault: string }> {
  const scope = { ...payload, link } as unknown as JsonObject;
  const filled = await fillTemplate(ports, template as JsonObject, scope);
  if (!filled.ok) return { fault: filled.message };
  const texts = Object.entries(filled.value as JsonObject).map(([name, value]) => [
    name,
    (typeof value === "string" ? value : JSON.stringify(value)).slice(0, MOST_TEXT),
  ]);
  return { message: Object.fromEntries(texts) as Partial<Message> };
}

/**
 * Where something can be done about it. An approval that is open is led to by a signed link that counts once: for the
 * approver whom the recipient is named as, else for whoever may decide.
 */
async function linkFor(
  { store, clock, reach }: ComposePorts,
  { payload, recipient, approvalId }: Pick<Taken, "payload" | "recipient" | "approvalId">,
): Promise<string | null> {
  const { baseUrl, links } = reach;
  const { data } = payload;
  const known = data.approval?.link ?? data.link;
  if (baseUrl === null || links === null || approvalId === null || data.approval?.status !== "PENDING")
    return known;
  const approval = await store.queries.approval(approvalId);
  if (approval?.status !== "PENDING") return known;
  const approvers = [...approval.approvers, ...approval.escalatedTo];
  const to = recipient === null ? null : approverAt(recipient, approvers);
  const { token } = linkTo({ signer: links, clock }, approval, { seconds: LINK_SECONDS, to });
  return `${baseUrl}/approvals/${approvalId}?link=${token}`;
}

/** Nothing that was written into it turns a line around, or is markup to Slack. */
function asShown(payload: Payload, kind: Subscription["channel"]["kind"]): Payload {
  const shown = kind === "slack" ? (text: string) => plainForSlack(printable(text)) : printable;
  return mapTexts(payload as unknown as JsonValue, shown) as unknown as Payload;
}
