import { percentDecoded } from "../core/percent.ts";
import { isCredential } from "../core/webhook/request.ts";
import type { Config } from "./config.ts";
import type { Secret } from "./environment-reader.ts";
import { textOf } from "./secret.ts";

type Given = Pick<
  Config,
  "ai" | "audit" | "auth" | "database" | "linkKeys" | "queue" | "reach" | "secretKeys" | "tracing"
>;

/**
 * Every secret that Station was given, also in a file: values that must not be seen wherever they turn up. Of one with
 * several lines each line; of a list each entry.
 */
export async function givenSecrets(config: Given): Promise<readonly string[]> {
  const { ai, database, linkKeys, queue, reach, secretKeys, tracing } = config;
  const remote = database.kind === "remote" ? database : null;
  const servers = queue.kind === "nats" ? queue.servers : [];
  const kept = await Promise.all(secretsIn(config).map(textIn));
  const addresses = [remote?.url, reach.mail?.url, ...servers].flatMap((address) => credentialsIn(address));
  const all = [
    ...Object.values(ai.keys),
    remote?.authToken ?? null,
    ...(linkKeys ?? []),
    ...(secretKeys ?? []),
    ...Object.entries(tracing?.headers ?? {}).flatMap(([name, value]) =>
      isCredential(name) ? value.split(/\s+/) : [],
    ),
    ...kept.flatMap((text) => [text, ...text.split(/[\n,]/)]),
    ...addresses,
  ];
  // A frame is nobody's secret, and others' keys are known by it.
  return all.flatMap((value) => value?.trim() || []).filter((value) => !/^-{3,}[^\n]*$/.test(value));
}

function secretsIn({ audit, auth, queue }: Given): readonly Secret[] {
  const oidc = auth.kind === "on" ? auth.oidc : null;
  const login = queue.kind === "nats" ? queue.login : null;
  const asked = [auth.kind === "on" ? auth.tokens : null, oidc?.clientSecret, oidc?.sessionSecret, audit.key];
  return [...asked, ...Object.values(login ?? {})].filter(
    (one): one is Secret => typeof one === "object" && one !== null,
  );
}

/** What this process may not read it cannot give away. */
async function textIn(secret: Secret): Promise<string> {
  return (await textOf("a secret", secret).catch(() => null)) ?? "";
}

/** The password in an address, or what stands alone in its place, and a token behind it. */
function credentialsIn(address: string | undefined): readonly string[] {
  const url =
    address === undefined ? null : URL.parse(address.includes("://") ? address : `nats://${address}`);
  if (url === null) return [];
  const { username, password, searchParams } = url;
  const written = password || username;
  // What is written wrongly is told by whoever goes to that address.
  return [percentDecoded(written) ?? written, searchParams.get("authToken") ?? ""];
}
