import { createHash } from "node:crypto";
import { nkeys } from "@nats-io/transport-node";

type Key = ReturnType<typeof nkeys.createUser>;

/** What a user may do; without it everything. */
export type Permissions = { readonly publish: readonly string[]; readonly subscribe: readonly string[] };

/** An operator with one account for Station, as a managed NATS has it: who holds the account's key makes users. */
export type Identities = {
  /** The part of a server's configuration that trusts them. */
  readonly configuration: string;
  /** The contents of a `.creds` file of a new user. */
  creds(permissions?: Permissions): string;
  /** The same in two parts. */
  user(permissions?: Permissions): { readonly jwt: string; readonly seed: string };
};

const UNLIMITED = { subs: -1, data: -1, payload: -1 };
const ACCOUNT_LIMITS = {
  ...UNLIMITED,
  ...{ conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true },
  ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
};

/** Makes the keys and what they sign. */
export function createIdentities(): Identities {
  const [operator, system, account] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const accountJwt = (key: Key, name: string, limits: object) =>
    sign(operator, { sub: key.getPublicKey(), name, nats: { type: "account", version: 2, limits } });
  const user = (permissions?: Permissions) => {
    const key = nkeys.createUser();
    const rights = permissions && {
      pub: { allow: permissions.publish },
      sub: { allow: permissions.subscribe },
    };
    const nats = { type: "user", version: 2, ...UNLIMITED, pub: {}, sub: {}, ...rights };
    const jwt = sign(account, { sub: key.getPublicKey(), name: "station", nats });
    return { jwt, seed: new TextDecoder().decode(key.getSeed()) };
  };
  const operatorJwt = sign(operator, {
    sub: operator.getPublicKey(),
    name: "operator",
    nats: { type: "operator", version: 2, system_account: system.getPublicKey() },
  });
  return {
    configuration: `operator: ${operatorJwt}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${system.getPublicKey()}: ${accountJwt(system, "SYS", { ...ACCOUNT_LIMITS, mem_storage: 0, disk_storage: 0 })}
  ${account.getPublicKey()}: ${accountJwt(account, "STATION", ACCOUNT_LIMITS)}
}
`,
    user,
    creds: (permissions) => {
      const { jwt, seed } = user(permissions);
      return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n
-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    },
  };
}

function sign(issuer: Key, claims: Readonly<Record<string, unknown>>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = { iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey(), ...claims };
  const jti = createHash("sha256").update(JSON.stringify(body)).digest("hex").toUpperCase();
  const text = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ ...body, jti })}`;
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString("base64url")}`;
}
