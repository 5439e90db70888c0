import { isIP } from "node:net";
import { percentDecoded } from "../core/percent.ts";
import { ONLY_WITH_NATS_URL, type Reader, type Secret } from "./environment-reader.ts";

/** Who carries the tasks. */
export type Queue =
  | { readonly kind: "embedded" }
  | {
      readonly kind: "nats";
      readonly servers: readonly string[];
      readonly login: Login | null;
      /** `null`: as the servers' addresses say. */
      readonly tls: Tls | null;
      readonly replicas: number;
    };

/** How a process says who it is; at most one way. */
export type Login =
  | { readonly by: "creds"; readonly creds: Secret }
  | { readonly by: "nkey"; readonly seed: Secret }
  | { readonly by: "jwt"; readonly jwt: Secret; readonly seed: Secret | null }
  | { readonly by: "token"; readonly token: Secret }
  | { readonly by: "user"; readonly user: string; readonly password: Secret };

/** Whom a process trusts, and the certificate it shows. */
type Tls = { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };

/** The queue inside the process, or the servers that `STATION_NATS_URL` names and how to log in there. */
export function queueOf(read: Reader): Queue {
  const url = read.text("STATION_NATS_URL");
  const embedded = read.flag("STATION_NATS_EMBEDDED");
  const jetStream = read.flag("STATION_NATS_JETSTREAM_ENABLED");
  const replicas = read.word("STATION_NATS_REPLICAS", ["1", "3", "5"], "1");
  if (url === null) {
    if (embedded === false)
      read.problem(
        "STATION_NATS_EMBEDDED",
        "leaves no queue: STATION_NATS_URL is not set",
        "true, or set a URL",
      );
    for (const name of ONLY_WITH_NATS_URL)
      if (read.text(name) !== null) read.warn(name, "is not used: STATION_NATS_URL is not set", null);
    return { kind: "embedded" };
  }
  const servers = url.split(",").map((server) => server.trim());
  if (embedded === true)
    read.problem("STATION_NATS_EMBEDDED", "contradicts STATION_NATS_URL, which names a server", "false");
  if (jetStream === false)
    read.problem("STATION_NATS_JETSTREAM_ENABLED", "leaves tasks unkept: Station needs JetStream", "true");
  const login = loginOf(read);
  const tls = tlsOf(read);
  if (!servers.every((server) => isNatsServer(server) && percentDecoded(server) !== null))
    read.problem(
      "STATION_NATS_URL",
      "is not a list of servers",
      "nats://host:4222 or tls://host, comma-separated",
    );
  else if (tls === null) checkEncryption(read, servers);
  if (login && servers.some((server) => server.includes("@")))
    read.problem("STATION_NATS_URL", "has a user while credentials are set as well", "one way to log in");
  return { kind: "nats", servers, login, tls, replicas: Number(replicas) };
}

function loginOf(read: Reader): Login | null {
  const seed = read.secret("STATION_NATS_NKEY_SEED");
  const creds = read.secret("STATION_NATS_CREDS");
  const jwt = read.secret("STATION_NATS_JWT");
  const token = read.secret("STATION_NATS_TOKEN");
  const password = read.secret("STATION_NATS_PASSWORD");
  const user = read.text("STATION_NATS_USER");
  if ((user === null) !== (password === null))
    read.problem(
      user === null ? "STATION_NATS_PASSWORD" : "STATION_NATS_USER",
      user === null ? "is set without STATION_NATS_USER" : "is set without STATION_NATS_PASSWORD",
      "both, or neither",
    );
  const ways: Login[] = [];
  if (creds) ways.push({ by: "creds", creds });
  if (jwt) ways.push({ by: "jwt", jwt, seed });
  else if (seed) ways.push({ by: "nkey", seed });
  if (token) ways.push({ by: "token", token });
  if (user !== null && password) ways.push({ by: "user", user, password });
  if (ways.length > 1)
    read.problem(
      "STATION_NATS_URL",
      `is to be logged in at in ${ways.length} ways: ${ways.map(({ by }) => by).join(", ")}`,
      "one of …_CREDS, …_NKEY_SEED, …_JWT (with …_NKEY_SEED), …_TOKEN, or …_USER with …_PASSWORD",
    );
  return ways[0] ?? null;
}

function tlsOf(read: Reader): Tls | null {
  const caFile = read.text("STATION_NATS_TLS_CA_FILE");
  const certFile = read.text("STATION_NATS_TLS_CERT_FILE");
  const keyFile = read.text("STATION_NATS_TLS_KEY_FILE");
  if ((certFile === null) !== (keyFile === null))
    read.problem(
      certFile === null ? "STATION_NATS_TLS_KEY_FILE" : "STATION_NATS_TLS_CERT_FILE",
      `is set without STATION_NATS_TLS_${certFile === null ? "CERT" : "KEY"}_FILE`,
      "a certificate with its key, or neither",
    );
  if (caFile === null && certFile === null) return null;
  return {
    ...(caFile !== null && { caFile }),
    ...(certFile !== null && keyFile !== null && { certFile, keyFile }),
  };
}

/** Tasks name runs, and a login sent in the clear is everybody's: over public networks only encrypted. */
function checkEncryption(read: Reader, servers: readonly string[]): void {
  const open = servers.filter((server) => !server.startsWith("tls://") && !isPrivate(hostOf(server)));
  if (open.length === 0) return;
  const message = `is not encrypted on its way to ${open.map(hostOf).join(", ")}`;
  const allowed = "tls://…, or nats:// to a private address or a name without a public domain";
  if (read.text("NODE_ENV") === "production") read.problem("STATION_NATS_URL", message, allowed);
  else read.warn("STATION_NATS_URL", `${message}; with NODE_ENV=production Station refuses that`, allowed);
}

function hostOf(server: string): string {
  const [, host = server] = /^(?:\w+:\/\/)?(?:[^@]*@)?(\[[^\]]+\]|[^:]+)/.exec(server) ?? [];
  return host.replace(/^\[|\]$/g, "");
}

/** Addresses that no public network routes, and names that no public domain holds. */
function isPrivate(host: string): boolean {
  if (isIP(host) === 4)
    return /^(?:127|10|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
      host,
    );
  if (isIP(host) === 6) return /^(?:::1$|f[cd]|fe[89ab])/i.test(host);
  return !host.includes(".") || /\.(?:internal|local|localhost|flycast|svc|lan|home\.arpa)$/i.test(host);
}

function isNatsServer(server: string): boolean {
  return /^(?:(?:nats|tls):\/\/)?(?:[^\s/@]*@)?(?:\[[\da-f:]+\]|[^\s/:@[\]]+)(?::\d{1,5})?$/i.test(server);
}
