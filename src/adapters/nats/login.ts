import { readFileSync } from "node:fs";
import {
  type Authenticator,
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";

/** A secret, or the file that holds it; the file is read again at every connect, so that a rotated one is taken. */
export type NatsSecret =
  | { readonly from: "text"; readonly text: string }
  | { readonly from: "file"; readonly path: string };

/** The one way in which a process says who it is. */
export type NatsLogin =
  /** A `.creds` file's contents: a JWT and the seed that proves it. */
  | { readonly by: "creds"; readonly creds: NatsSecret }
  | { readonly by: "nkey"; readonly seed: NatsSecret }
  /** Without a seed it is one that whoever bears it may use. */
  | { readonly by: "jwt"; readonly jwt: NatsSecret; readonly seed: NatsSecret | null }
  | { readonly by: "token"; readonly token: NatsSecret }
  | { readonly by: "user"; readonly user: string; readonly password: NatsSecret };

/** What the client library asks at every connect. Throws when a file cannot be read now. */
export function authenticatorOf(login: NatsLogin): Authenticator {
  switch (login.by) {
    case "creds":
      // The library wants the end of the last line, which variables and editors lose.
      return credsAuthenticator(bytesOf(login.creds, (text) => `${text.trim()}\n`));
    case "nkey":
      return nkeyAuthenticator(bytesOf(login.seed));
    case "jwt":
      return jwtAuthenticator(textOf(login.jwt), login.seed === null ? undefined : bytesOf(login.seed));
    case "token":
      return tokenAuthenticator(textOf(login.token));
    case "user":
      return usernamePasswordAuthenticator(login.user, textOf(login.password));
  }
}

function bytesOf(secret: NatsSecret, mend = (text: string) => text.trim()): () => Uint8Array {
  const read = textOf(secret);
  return () => new TextEncoder().encode(mend(read()));
}

function textOf(secret: NatsSecret): () => string {
  if (secret.from === "text") return () => secret.text;
  let latest = readFileSync(secret.path, "utf8").trim();
  return () => {
    try {
      latest = readFileSync(secret.path, "utf8").trim();
    } catch {
      // Throwing here would close the connection for good; the last secret may still be valid.
    }
    return latest;
  };
}
