import { type ConnectionOptions, InvalidArgumentError, type TlsOptions } from "@nats-io/transport-node";
import type { Log } from "../../engine/ports.ts";
import { authenticatorOf, type NatsLogin } from "./login.ts";

/** Where JetStream is and how to behave there. A user or token may also stand in a server's URL. */
export type NatsQueueOptions = {
  readonly servers: string | readonly string[];
  readonly login?: NatsLogin;
  /** Key and certificate files; `{}` asks for TLS with the system's authorities. */
  readonly tls?: TlsOptions;
  /** Copies of each stream in a cluster; raised on existing streams, never lowered. Default 1. */
  readonly replicas?: number;
  /** Put before streams and subjects where several Stations share an account. */
  readonly namePrefix?: string;
  readonly log: Log;
  /** Makes and mends nothing on the server: for whoever only examines it. */
  readonly onlyLooks?: boolean;
  /** The event stream's limits: 7 days and 1 GiB unless told. */
  readonly eventsMaxAgeMs?: number;
  readonly eventsMaxBytes?: number;
  /** How long JetStream waits for a sign of life before it gives a message to somebody else. Default 30 s. */
  readonly ackWaitMs?: number;
  /** Pause before a rejected message comes again; doubles up to 30 s. Default 1 s. */
  readonly retryDelayMs?: number;
};

/** The client library's options; throws when they contradict themselves or the credentials cannot be read. */
export function connectionOptions(options: NatsQueueOptions): ConnectionOptions {
  const servers = serverUrls(options.servers);
  const first = servers[0];
  const login = options.login ?? loginIn(first);
  const tls = options.tls ?? (servers.some((url) => url.protocol === "tls:") ? {} : undefined);
  return {
    servers: servers.map((url) => url.host),
    name: "station",
    timeout: 3_000,
    // A dead peer is noticed within 15 s even when its socket stays open.
    pingInterval: 5_000,
    maxPingOut: 2,
    reconnect: true,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    // A stack per request is a third of the cost of publishing.
    noAsyncTraces: true,
    ...(tls === undefined ? {} : { tls }),
    ...(login === null ? {} : { authenticator: authenticatorOf(login) }),
  };
}

/** The servers for people to read: without credentials. */
export function serversForPeople(servers: string | readonly string[]): string {
  return serverUrls(servers)
    .map((url) => `${url.protocol}//${url.host}`)
    .join(", ");
}

function serverUrls(servers: string | readonly string[]): readonly URL[] {
  const texts = typeof servers === "string" ? servers.split(",") : servers;
  return texts.map((text) => {
    const trimmed = text.trim();
    const url = URL.parse(trimmed.includes("://") ? trimmed : `nats://${trimmed}`);
    // Without the text: it may hold a password.
    if (url === null || url.host === "") throw new InvalidArgumentError("a NATS server address is not a URL");
    return url;
  });
}

/** The library ignores what stands before the `@`. As other NATS clients have it: `user:password@`, or `token@`. */
function loginIn(url: URL | undefined): NatsLogin | null {
  if (!url?.username) return null;
  const text = (part: string) => ({ from: "text", text: decodeURIComponent(part) }) as const;
  if (!url.password) return { by: "token", token: text(url.username) };
  return { by: "user", user: decodeURIComponent(url.username), password: text(url.password) };
}
