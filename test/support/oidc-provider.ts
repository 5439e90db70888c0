import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** An OpenID Connect provider on the wire: discovery, keys, authorization code with PKCE. Whoever comes is let in. */
export async function startOidcProvider({
  clientId,
  clientSecret,
}: {
  clientId: string;
  clientSecret: string;
}) {
  let person: JWTPayload = {};
  let keys = await newKey();
  const codes = new Map<string, { challenge: string; nonce: string; redirectUri: string }>();
  const bearers = new Map<string, string>();
  const directory = new Map<string, JWTPayload>();
  const seen = { keys: 0, discovery: 0, userinfo: 0 };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", issuer);
    const json = (status: number, body: unknown) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        seen.discovery++;
        return json(200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          userinfo_endpoint: `${issuer}/userinfo`,
        });
      case "/keys":
        seen.keys++;
        return json(200, { keys: [keys.jwk] });
      case "/authorize": {
        const { searchParams: query } = url;
        const redirectUri = query.get("redirect_uri") ?? "";
        if (query.get("client_id") !== clientId || query.get("code_challenge_method") !== "S256")
          return json(400, { error: "invalid_request" });
        const code = randomUUID();
        codes.set(code, {
          challenge: query.get("code_challenge") ?? "",
          nonce: query.get("nonce") ?? "",
          redirectUri,
        });
        const back = new URL(redirectUri);
        back.searchParams.set("code", code);
        back.searchParams.set("state", query.get("state") ?? "");
        return void response.writeHead(302, { location: back.href }).end();
      }
      case "/token": {
        const form = new URLSearchParams(await textOf(request));
        const known = codes.get(form.get("code") ?? "");
        codes.delete(form.get("code") ?? "");
        // RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
        const encoded = [clientId, clientSecret].map((part) =>
          new URLSearchParams([["", part]]).toString().slice(1),
        );
        const basic = `Basic ${Buffer.from(encoded.join(":")).toString("base64")}`;
        const challenge = createHash("sha256")
          .update(form.get("code_verifier") ?? "")
          .digest("base64url");
        if (request.headers.authorization !== basic) return json(401, { error: "invalid_client" });
        if (!known || known.challenge !== challenge || known.redirectUri !== form.get("redirect_uri"))
          return json(400, { error: "invalid_grant", error_description: "the code is not good" });
        const access_token = randomUUID();
        bearers.set(access_token, String(person["email"]));
        const id_token = await sign({ ...person, nonce: known.nonce });
        return json(200, { id_token, access_token, expires_in: 864_000, token_type: "Bearer" });
      }
      case "/userinfo": {
        seen.userinfo++;
        const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
        const who = directory.get(bearers.get(token) ?? "");
        return who ? json(200, who) : json(401, { error: "invalid_token" });
      }
      default:
        return json(404, {});
    }
  }

  /** A token of this provider; `claims` replace what is usual. */
  async function sign(claims: JWTPayload, signWith = keys): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: issuer, aud: clientId, sub: "sub-1", iat: now, exp: now + 300 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: signWith.jwk.kid })
      .sign(signWith.privateKey);
  }

  return {
    issuer,
    seen,
    sign,
    newKey,
    /** Who logs in from now on. */
    is(claims: JWTPayload) {
      person = claims;
      directory.set(String(claims["email"]), claims);
    },
    /** Whoever is asked about this address from now on; nobody: the person has left. */
    directory,
    /** Signs with another key from now on. */
    async turnKey() {
      keys = await newKey();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  return {
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: "ES256", use: "sig" },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
