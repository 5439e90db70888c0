import { createProvider } from "../adapters/oidc/provider.ts";
import { createSealer } from "../adapters/oidc/sealer.ts";
import { identityOf } from "../core/identity/claims.ts";
import { DEPLOYMENT, LOCAL_USER } from "../core/identity/principal.ts";
import type { JsonObject } from "../core/json.ts";
import type { KeyRing } from "../engine/key-ring.ts";
import { knowPeople, vouchIn } from "../engine/people.ts";
import type { Ports } from "../engine/ports.ts";
import { authenticating } from "../http/auth/authenticate.ts";
import { localUser } from "../http/auth/local-user.ts";
import { bearerOf, createSessions } from "../http/auth/sessions.ts";
import type { HttpPorts } from "../http/ports.ts";
import type { Config } from "./config.ts";
import type { Oidc } from "./config-oidc.ts";
import { problemsOfTokens, tokensIn } from "./config-tokens.ts";
import { textOf } from "./secret.ts";

/** Lets callers in, for an app over these ports. */
export type Admit = (
  ports: Pick<Ports, "store" | "clock" | "vault">,
  keyRing: KeyRing,
) => Pick<HttpPorts, "authenticate" | "sessions" | "people">;

/** Who may come in, as configured. Reads the files that secrets are in; throws when one holds none. */
export async function admissionOf({ auth, publicUrl }: Pick<Config, "auth" | "publicUrl">): Promise<Admit> {
  if (auth.kind === "off") {
    // An address that was given is the one it is called by, wherever it listens: others may be made to lead here.
    const hosts = publicUrl !== null ? [new URL(publicUrl).hostname] : auth.anyHost ? null : [];
    const authenticate = localUser(hosts);
    return (ports) => ({
      authenticate,
      sessions: null,
      people: knowPeople(ports, { always: [LOCAL_USER], vouching: null }),
    });
  }
  const text = await textOf("STATION_API_TOKEN_FILE", auth.tokens);
  const [problem] = text === null ? [] : problemsOfTokens(text);
  if (problem !== undefined) throw new Error(`STATION_API_TOKEN_FILE ${problem}: 32 characters or more`);
  const tokens = tokensIn(text ?? "");
  const always = tokens.length > 0 ? [DEPLOYMENT] : [];
  if (auth.oidc === null)
    return (ports, keyRing) => ({
      authenticate: authenticating({ keyRing, tokens }),
      sessions: null,
      people: knowPeople(ports, { always, vouching: null }),
    });
  const vouchedFor = await vouchedForBy(auth.oidc);
  return (ports, keyRing) => {
    const { bearer, sessions, vouching } = vouchedFor(ports);
    const session = sessions && { session: sessions.principal };
    return {
      authenticate: authenticating({ keyRing, tokens, bearer, ...session }),
      sessions,
      people: knowPeople(ports, { always, vouching }),
    };
  };
}

/** Whom the identity provider vouches for. */
async function vouchedForBy(oidc: Oidc) {
  const { rules, browser, sessionLimits: limits } = oidc;
  const clientSecret = await textOf("STATION_OIDC_CLIENT_SECRET_FILE", oidc.clientSecret);
  const sessionSecret = await textOf("STATION_SESSION_SECRET_FILE", oidc.sessionSecret);
  const [problem] = sessionSecret === null ? [] : problemsOfTokens(sessionSecret);
  if (problem !== undefined) throw new Error(`STATION_SESSION_SECRET_FILE ${problem}: 32 characters or more`);
  // The client's secret is one, whatever is in it.
  const secrets = sessionSecret === null ? [clientSecret ?? ""] : tokensIn(sessionSecret);
  const provider = createProvider(
    { ...oidc, clientSecret, redirectUri: browser?.redirectUri ?? "" },
    Date.now,
  );
  const identify = (claims: JsonObject) => identityOf(claims, rules);
  const vouching = { provider, rules, maxAgeMs: oidc.membershipMaxAgeMs };
  return (ports: Parameters<Admit>[0]) => {
    const { store, clock } = ports;
    const sealer = createSealer(secrets, () => clock.now());
    const known = { provider, roles: rules.roles, identify, clock, vouch: vouchIn(ports) };
    return {
      bearer: bearerOf(known),
      sessions: browser && createSessions({ ...known, ended: store.endedSessions, sealer, limits }),
      vouching,
    };
  };
}
