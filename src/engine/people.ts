import { principalOf, standingOf as standingOfKey } from "../core/identity/api-key.ts";
import { type ClaimRules, groupsIn, type Identity, identityOf, userOf } from "../core/identity/claims.ts";
import { isSame, type Principal } from "../core/identity/principal.ts";
import type { Standing } from "../core/identity/standing.ts";
import { Lru } from "../core/lru.ts";
import { isoTime } from "../core/time.ts";
import { type IdentityProvider, ProviderUnavailable } from "./ports/identity-provider.ts";
import type { People, Vouched } from "./ports/people.ts";
import type { Vault } from "./ports/vault.ts";
import type { Clock, Store } from "./ports.ts";

export type PeoplePorts = {
  readonly store: Pick<Store, "keys" | "vouched">;
  readonly clock: Pick<Clock, "now">;
  /** Keeps what the provider can be asked again with; absent: it is asked at logins alone. */
  readonly vault?: Vault;
};

export type PeopleRules = {
  /** Those who need no voucher: the local user, the deployment's own key. */
  readonly always: readonly Principal[];
  /** Absent where no provider vouches for anybody. */
  readonly vouching: {
    readonly provider: Pick<IdentityProvider, "userinfo">;
    readonly rules: ClaimRules;
    /** How old the provider's word on somebody's teams may be. */
    readonly maxAgeMs: number;
  } | null;
};

/** A token with which the provider can be asked about its bearer. */
export type Access = { readonly token: string; readonly until: number };

/** The provider's word is not asked for again so soon. */
const FRESH_MS = 60_000;

/**
 * Who people are by what their identity provider last said of them, under the roles of the day. Whatever cannot be
 * confirmed does not count: a word that is too old leaves somebody their name, and no teams and roles.
 */
export function knowPeople(ports: PeoplePorts, { always, vouching }: PeopleRules): People {
  const { store, clock } = ports;

  const keyStanding = async (name: string): Promise<Standing> => {
    const [, environment = "", own = ""] = /^key:(.+)\/([^/]+)$/.exec(name) ?? [];
    const key = await store.keys.find(environment, own);
    const fault = key === null ? "is not there any more" : standingOfKey(key, clock.now()).fault;
    return key === null || fault !== null
      ? { principal: null, because: `${name} ${fault}` }
      : { principal: principalOf(key), because: null };
  };

  const userStanding = async (name: string, known: Vouched | undefined): Promise<Standing> => {
    const user = name.slice("user:".length);
    const bare = userOf({ user, name: user, groups: [] }, []);
    if (!known || !vouching)
      return {
        principal: bare,
        because: `who ${name} is by now cannot be confirmed: nobody vouches for them`,
      };
    const latest = await asked(ports, vouching, known);
    if (latest === "refused")
      return { principal: null, because: `the identity provider does not vouch for ${name} any more` };
    if (clock.now() - latest.at <= vouching.maxAgeMs)
      return { principal: userOf(latest.identity, vouching.rules.roles), because: null };
    const because = `the teams and roles of ${name} were last confirmed at ${isoTime(latest.at)}, which is too long ago: they may log in and say it again`;
    return { principal: bare, because };
  };

  return {
    async lookUp(names) {
      const users = names
        .filter((name) => name.startsWith("user:"))
        .map((name) => name.slice("user:".length));
      const vouched = users.length === 0 ? [] : await store.vouched.find(users);
      const standingOf = (name: string): Standing | Promise<Standing> => {
        const principal = always.find(({ id }) => isSame(id, name));
        if (principal) return { principal, because: null };
        if (name.startsWith("key:")) return keyStanding(name);
        return userStanding(
          name,
          vouched.find(({ identity }) => isSame(`user:${identity.user}`, name)),
        );
      };
      return new Map(await Promise.all(names.map(async (name) => [name, await standingOf(name)] as const)));
    },
  };
}

/** Remembers what the provider says of whoever comes in; `at` is when it said so. */
export type Vouch = (identity: Identity, at: number, access?: Access | null) => Promise<void>;

export function vouchIn({ store, vault }: Pick<PeoplePorts, "store" | "vault">): Vouch {
  const kept = new Lru<string, number>(10_000);
  return async (identity, at, access) => {
    const user = identity.user.toLowerCase();
    if ((kept.get(user) ?? Number.NEGATIVE_INFINITY) >= at) return;
    const sealed =
      access && vault ? { sealed: vault.seal(access.token, aboutOf(user)), until: access.until } : null;
    await store.vouched.keep({ identity, at, access: sealed });
    kept.set(user, at);
  };
}

/** The newest word on somebody: the provider's own where it can be asked, else what is known. */
async function asked(
  { store, clock, vault }: PeoplePorts,
  { provider, rules }: NonNullable<PeopleRules["vouching"]>,
  known: Vouched,
): Promise<Vouched | "refused"> {
  const now = clock.now();
  const { access, identity } = known;
  if (now - known.at <= FRESH_MS || !access || access.until <= now) return known;
  const token = vault?.open(access.sealed, aboutOf(identity.user.toLowerCase())) ?? null;
  if (token === null) return known;
  try {
    const answer = await provider.userinfo(token);
    if (answer === null) return known;
    if (!answer.ok) return "refused";
    const said = identityOf(answer.claims, rules);
    // Providers that keep groups out of it, or leave the address unverified there, have confirmed nothing.
    if (typeof said === "string" || groupsIn(answer.claims, rules.groupsClaim) === null) return known;
    if (!isSame(`user:${said.user}`, `user:${identity.user}`)) return "refused";
    const latest = { identity: said, at: now, access };
    await store.vouched.keep(latest);
    return latest;
  } catch (error) {
    if (error instanceof ProviderUnavailable) return known;
    throw error;
  }
}

/** What a sealed token belongs to: it opens in its own row alone. */
function aboutOf(user: string): string {
  return `vouched:${user}`;
}
