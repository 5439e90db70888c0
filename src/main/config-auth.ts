import { isThisMachine } from "../http/auth/local-user.ts";
import { type Oidc, oidcOf } from "./config-oidc.ts";
import { problemsOfTokens } from "./config-tokens.ts";
import type { Reader, Secret } from "./environment-reader.ts";

/** Whom Station lets in. */
export type Auth =
  /** Whoever reaches it is the local user; `anyHost`: by whatever name, unless there is a public address. */
  | { readonly kind: "off"; readonly anyHost: boolean }
  | { readonly kind: "on"; readonly tokens: Secret | null; readonly oidc: Oidc | null };

const OPEN = [
  "STATION_API_TOKEN (any text of 32 characters or more: `openssl rand -hex 32`) to ask everybody for a key,",
  "STATION_OIDC_ISSUER to let people log in,",
  "a loopback HOST, or STATION_AUTH=off to say that whoever reaches it may do everything",
].join(" ");

/**
 * Nobody is asked on a machine of one's own, unless there is something to ask with. A listener beyond this machine
 * that asks nobody is a mistake until it is said in so many words.
 */
export function authOf(read: Reader, serves: boolean, publicUrl: string | null): Auth {
  const word = read.text("STATION_AUTH") === null ? null : read.word("STATION_AUTH", ["on", "off"], "on");
  const tokens = read.secret("STATION_API_TOKEN");
  const isLocal = isThisMachine(read.text("HOST") ?? "127.0.0.1");
  if (word === "off") {
    if (tokens) read.warn("STATION_API_TOKEN", "is not used: STATION_AUTH=off asks nobody", null);
    return { kind: "off", anyHost: !isLocal };
  }
  if (tokens?.from === "text")
    for (const problem of problemsOfTokens(tokens.text))
      read.problem("STATION_API_TOKEN", problem, "32 characters or more");
  const oidc = oidcOf(read, publicUrl);
  if (word === "on" || tokens || oidc) {
    if (!tokens && !oidc)
      read.warn(
        "STATION_AUTH",
        "is on without STATION_API_TOKEN or STATION_OIDC_ISSUER: only keys that were made before let anybody in",
        null,
      );
    return { kind: "on", tokens, oidc };
  }
  if (serves && !isLocal)
    read.problem("HOST", "listens beyond this machine while nobody is asked who they are", OPEN);
  return { kind: "off", anyHost: false };
}

/** The address people call Station by, without a slash at its end. */
export function publicUrlOf(read: Reader): string | null {
  const text = read.text("STATION_PUBLIC_URL");
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "")
    read.problem("STATION_PUBLIC_URL", "is not the address of a server", "https://station.example.com");
  else if (url.protocol === "http:" && !isThisMachine(url.hostname))
    read.warn("STATION_PUBLIC_URL", "is not encrypted: what people send can be read on the way", "https://…");
  return url?.origin ?? null;
}

/** Origins as browsers write them. */
export function originsOf(read: Reader): readonly string[] {
  const origins = (read.text("STATION_CORS_ORIGINS") ?? "").split(",").map((origin) => origin.trim());
  const given = origins.filter((origin) => origin !== "");
  for (const origin of given)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      read.problem(
        "STATION_CORS_ORIGINS",
        `has "${origin}", which is not an origin`,
        "https://app.example.com, comma-separated",
      );
  return given;
}
