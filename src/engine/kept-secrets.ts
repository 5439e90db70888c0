import type { By } from "../core/identity/channel.ts";
import { mustBeReadable, secretsAt } from "../core/webhook/hook.ts";
import { eventOf as subscriptionEvent } from "./notify/administer.ts";
import { placeOf as placeOfSubscription } from "./notify/secrets.ts";
import type { AdminEvent } from "./ports/admin-events.ts";
import type { Finding } from "./ports/queries.ts";
import type { Vault } from "./ports/vault.ts";
import type { Ports } from "./ports.ts";
import { eventOf as hookEvent, placeOf as placeOfHook } from "./webhook/hooks.ts";

type KeptPorts = Pick<Ports, "store" | "clock" | "vault">;

/** What is kept sealed for one hook or subscription. */
type Kept = {
  /** For people: `hook "github" in environment "prod"`. */
  readonly owner: string;
  /** What the vault knows it by. */
  readonly about: string;
  readonly sealed: readonly [string, ...string[]];
  event(by: By): AdminEvent;
  /** Replaces it, with its event, unless it is another by now. */
  reseal(after: readonly string[], event: AdminEvent): Promise<boolean>;
};

/** How the secrets in the database stand to the keys: by the hooks and subscriptions that have them. */
export type SecretsStanding = {
  /** Sealed with the newest key. */
  readonly newest: number;
  /** Sealed with a key that is on its way out, by owner. */
  readonly older: readonly string[];
  /** That no key opens, by owner. */
  readonly unreadable: readonly string[];
};

/** How every secret in the database stands to the keys that are there. */
export async function secretsStanding(ports: KeptPorts): Promise<SecretsStanding> {
  const kept = (await keptSecrets(ports)).map((one) => ({ ...one, by: sealedBy(ports.vault, one) }));
  const ownersOf = (by: ReturnType<typeof sealedBy>) =>
    kept.flatMap((one) => (one.by === by ? [one.owner] : []));
  return {
    newest: ownersOf("newest").length,
    older: ownersOf("older"),
    unreadable: ownersOf("none"),
  };
}

/**
 * Seals up to `limit` of those secrets anew that an older key has sealed, each by itself and with its event: whoever dies
 * over it goes on where it was by doing it again. How many, and how it stands afterwards.
 */
export async function resealSecrets(
  ports: KeptPorts & { readonly vault: Vault },
  by: By,
  limit: number,
): Promise<SecretsStanding & { readonly resealed: number }> {
  const { vault } = ports;
  let resealed = 0;
  const older = (await keptSecrets(ports)).filter((kept) => sealedBy(vault, kept) === "older");
  for (const { about, sealed, event, reseal } of older.slice(0, limit)) {
    const after = sealed.map((text) => vault.seal(vault.open(text, about) ?? "", about));
    if (await reseal(after, event(by))) resealed++;
  }
  return { resealed, ...(await secretsStanding(ports)) };
}

/** What `stn doctor` says of it. */
export async function examineSecrets(ports: KeptPorts): Promise<Finding> {
  const { newest, older, unreadable } = await secretsStanding(ports);
  const check = "kept secrets can be read";
  const [first] = unreadable;
  if (first !== undefined) {
    const more = unreadable.length > 1 ? ` and of ${unreadable.length - 1} more` : "";
    const missing = ports.vault
      ? "no key of STATION_SECRET_KEYS opens"
      : "STATION_SECRET_KEYS is not set for";
    return { check, ok: false, detail: `${missing} what is kept of ${first}${more}` };
  }
  const behind =
    older.length === 0
      ? ""
      : `, ${older.length} under an older one of STATION_SECRET_KEYS: stn secrets rotate, before it goes`;
  return { check, ok: true, detail: `${newest} under the newest key${behind}` };
}

/** The key that the oldest of an owner's texts needs. */
function sealedBy(vault: Vault | undefined, { sealed, about }: Kept): "newest" | "older" | "none" {
  if (!vault || sealed.some((text) => vault.open(text, about) === null)) return "none";
  return sealed.every((text) => vault.isNewest(text)) ? "newest" : "older";
}

async function keptSecrets({ store, clock }: KeptPorts): Promise<readonly Kept[]> {
  const [hooks, subscriptions] = await Promise.all([store.hooks.list(null), store.notifications.list(null)]);
  const ofHooks = hooks
    .filter(({ scheme }) => mustBeReadable(scheme))
    .map((hook): Kept => {
      const [{ kept: secret }] = hook.secrets;
      const [, ...before] = secretsAt(hook, clock.now()).map(({ kept }) => kept);
      return {
        owner: `hook "${hook.name}" in environment "${hook.environment}"`,
        about: placeOfHook(hook.id),
        sealed: [secret, ...before],
        event: (by) => hookEvent({ clock }, "hook.resealed", hook, by, {}),
        reseal: (after, event) => store.hooks.reseal(hook, after, event),
      };
    });
  const ofSubscriptions = subscriptions.flatMap((subscription): readonly Kept[] => {
    const { channel } = subscription;
    if (channel.kind === "mail") return [];
    return [
      {
        owner: `subscription "${subscription.name}" in environment "${subscription.environment}"`,
        about: placeOfSubscription(subscription),
        sealed: [channel.sealed],
        event: (by) => subscriptionEvent({ clock }, "subscription.resealed", subscription, by, {}),
        reseal: ([sealed = ""], event) => {
          const { revision } = subscription;
          const after = { ...subscription, revision: revision + 1, channel: { ...channel, sealed } };
          return store.notifications.change(after, event);
        },
      },
    ];
  });
  return [...ofHooks, ...ofSubscriptions];
}
