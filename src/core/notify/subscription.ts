import { isSame } from "../identity/principal.ts";
import type { Notification } from "./notification.ts";
import type { NotificationType } from "./types.ts";

/** Who is told of what, and by which way. Times are milliseconds since 1970. */
export type Subscription = {
  /** `sub_` + ULID; a name may be given again, this never. */
  readonly id: string;
  readonly environment: string;
  /** Of one subscription of the environment at a time. */
  readonly name: string;
  readonly types: readonly NotificationType[];
  /** Only of runs of these workflows; of all when there are none. */
  readonly workflows: readonly string[];
  /** Only of runs that carry all of these labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly channel: Channel;
  readonly template: Template;
  readonly disabled: Disabled | null;
  /** Told of events behind this position alone: what happened before nobody asked for. */
  readonly since: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  /** Counts every change: a change made to an older one does not count. */
  readonly revision: number;
};

/** Where notifications go; `sealed` is for whoever has the key. */
export type Channel =
  /** `sealed`: what they are signed with. */
  | { readonly kind: "webhook"; readonly url: string; readonly sealed: string }
  /** `sealed`: the address itself, which is a secret. `host` may be shown. */
  | { readonly kind: "slack"; readonly host: string; readonly sealed: string }
  /** One mail each. With `approvers` also to those who are asked and named by their address: `user:ana@example.com`. */
  | { readonly kind: "mail"; readonly to: readonly string[]; readonly approvers: boolean };

/** Texts for people instead of Station's own, with `{{ … }}` over `type`, `timestamp`, `data` and `link`. */
export type Template = { readonly subject?: string; readonly text?: string };

/** `gone`: the receiver answered that there is nobody any more (410). */
export type Disabled = {
  readonly at: number;
  readonly by: string;
  readonly because: "operator" | "gone";
};

/** Whether a subscription is told of this. */
export function isToldOf(subscription: Subscription, { type, payload }: Notification): boolean {
  const { data } = payload;
  return (
    subscription.disabled === null &&
    subscription.environment === data.environment &&
    subscription.types.includes(type) &&
    (subscription.workflows.length === 0 || subscription.workflows.includes(data.workflowId))
  );
}

/** Whether the labels of a run are those that a subscription is about. */
export function hasLabels(subscription: Subscription, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(subscription.labels).every(([name, value]) => labels[name] === value);
}

/** Who each gets a delivery of their own; `null` where a channel has one receiver. Never the same one twice. */
export function recipientsOf({ channel }: Subscription, { asked }: Notification): readonly (string | null)[] {
  if (channel.kind !== "mail") return [null];
  const named = channel.approvers ? asked.flatMap(mailAddressIn) : [];
  const all = new Map([...channel.to, ...named].map((address) => [address.toLowerCase(), address]));
  return [...all.values()];
}

/** The approver that a mail address belongs to; `null` when none is named by it. */
export function approverAt(address: string, approvers: readonly string[]): string | null {
  return approvers.find((name) => isSame(name, `user:${address}`)) ?? null;
}

const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/;

/** True for one mail address and nothing else. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && ADDRESS.test(text);
}

function mailAddressIn(name: string): readonly string[] {
  const address = name.startsWith("user:") ? name.slice("user:".length) : "";
  return isMailAddress(address) ? [address] : [];
}
