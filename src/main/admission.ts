import { readFile } from "node:fs/promises";
import type { KeyRing } from "../engine/key-ring.ts";
import { authenticating } from "../http/auth/authenticate.ts";
import { localUser } from "../http/auth/local-user.ts";
import type { Authenticate } from "../http/ports.ts";
import type { Config } from "./config.ts";
import { problemsOfTokens, tokensIn } from "./config-auth.ts";
import type { Secret } from "./environment-reader.ts";

/** Who may come in, as configured. Reads the files that secrets are in; throws when one holds none. */
export async function admissionOf(
  config: Pick<Config, "auth" | "publicUrl">,
): Promise<(ring: KeyRing) => Authenticate> {
  const { auth, publicUrl } = config;
  if (auth.kind === "off") {
    const hosts = auth.anyHost ? null : publicUrl === null ? [] : [new URL(publicUrl).hostname];
    const local = localUser(hosts);
    return () => local;
  }
  const tokens = auth.tokens === null ? [] : await tokensOf(auth.tokens);
  return (keyRing) => authenticating({ keyRing, tokens });
}

async function tokensOf(secret: Secret): Promise<readonly string[]> {
  if (secret.from === "text") return tokensIn(secret.text);
  const text = await readFile(secret.path, "utf8").catch((cause: unknown) => {
    throw new Error(`STATION_API_TOKEN_FILE=${secret.path} cannot be read`, { cause });
  });
  const [problem] = problemsOfTokens(text);
  if (problem !== undefined)
    throw new Error(`STATION_API_TOKEN_FILE=${secret.path} ${problem}: 32 characters or more`);
  return tokensIn(text);
}
