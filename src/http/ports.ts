import type { Redact } from "../core/agent/redact.ts";
import type { Signer as AuditSigner } from "../core/audit/signature.ts";
import type { ClaimRules } from "../core/identity/claims.ts";
import type { Principal } from "../core/identity/principal.ts";
import type { Retention } from "../core/retention/policy.ts";
import type { CheckFile } from "../engine/check-file.ts";
import type { KeyRing } from "../engine/key-ring.ts";
import type { ArchiveFiles } from "../engine/ports/archives.ts";
import type { Archive } from "../engine/ports/bundles.ts";
import type { EnvironmentFiles } from "../engine/ports/definitions.ts";
import type { Signer } from "../engine/ports/links.ts";
import type { McpRegistry } from "../engine/ports/mcp.ts";
import type { People } from "../engine/ports/people.ts";
import type { Reach } from "../engine/ports/reach.ts";
import type { Understudy } from "../engine/ports/rehearsal.ts";
import type { Ports } from "../engine/ports.ts";
import type { Sessions } from "./auth/sessions.ts";
import type { Ui } from "./ui.ts";

/** What the HTTP side needs of the world: the engine's ports, and what `main/` adds. */
export type HttpPorts = Ports & {
  readonly reach: Reach;
  readonly authenticate: Authenticate;
  readonly keyRing: KeyRing;
  /** `null` where browsers cannot log in. */
  readonly sessions: Sessions | null;
  readonly files: EnvironmentFiles;
  readonly mcp: McpRegistry;
  /** Hides secrets in what people are shown of an agent's work. */
  readonly redact: Redact;
  readonly checkFile: CheckFile;
  /** Stands in for agents in a rehearsal; one for each, because it asks for them once. */
  readonly newUnderstudy: () => Understudy;
  /** Packs what is handed out as one file. */
  readonly archive: Archive;
  /** Vouches for evidence that is handed out; `null` where there is no key. */
  readonly auditSigner: AuditSigner | null;
  /** Fingerprints of the keys whose bundles are taken; none: whoever signed them, or nobody. */
  readonly bundleKeys: readonly string[];
  /** The folder of archives. */
  readonly archiveFiles: ArchiveFiles;
  readonly people: People;
  readonly installation: Installation;
  /** Signs links to approvals; absent where no key is configured. */
  readonly links?: Signer;
};

/** What its admins are told of how an installation was configured. No secrets. */
export type Installation = {
  /** Absolute; `database` `null`: a server's. */
  readonly paths: {
    readonly data: string;
    readonly environments: string;
    readonly archive: string;
    readonly database: string | null;
  };
  readonly retention: Retention;
  /** Who vouches for people, and what they may do; `null`: nobody does. */
  readonly provider: {
    readonly issuer: string;
    readonly clientId: string;
    readonly rules: ClaimRules;
  } | null;
};

/** What is asked whether it can be reached, and since when it cannot. */
export type HealthPorts = Pick<Ports, "clock"> & {
  readonly store: Pick<Ports["store"], "ping">;
  readonly queue: Pick<Ports["queue"], "ping">;
};

/** Finds out who is calling from the request's credentials, the only source of an actor; `null` without any. */
export type Authenticate = (request: Request) => Principal | null | Promise<Principal | null>;

/** Told of every answer (when it begins) and of every event stream. */
export type Meter = {
  answered(
    request: { readonly route: string; readonly method: string; readonly status: number },
    ms: number,
  ): void;
  streaming(change: 1 | -1): void;
};

/** What may be turned for a deployment or a test; times in milliseconds. */
export type HttpOptions = {
  /** How often a silent stream shows that it lives; load balancers give up after 60 s. */
  readonly heartbeatMs?: number;
  /** How often a stream looks for events that no announcement told of. */
  readonly pollMs?: number;
  /** When a stream is closed to be opened anew: before the platform cuts it (Cloud Run: 3600 s). */
  readonly streamMaxMs?: number;
  /** How often a stream looks whether whoever reads it may still do so. */
  readonly recheckMs?: number;
  /** How long `/readyz` waits for each part. */
  readonly readyTimeoutMs?: number;
  readonly maxBodyBytes?: number;
  /** Whoever measures requests and streams. */
  readonly meter?: Meter;
  /** Requests a minute and caller; without it, and for the local user, as many as they like. */
  readonly rateLimit?: number;
  /** Origins whose pages may call with a bearer token. */
  readonly corsOrigins?: readonly string[];
  /** The web UI; without it none is served. */
  readonly ui?: Ui;
  /** Serves MCP clients at `/mcp`, telling them this version of Station. */
  readonly mcp?: { readonly version: string };
  /** What people are told of this version of Station. */
  readonly version?: string;
  /** The folder of environments, where its files are read in as they are saved. */
  readonly watched?: string;
  /** The page about a trace, with `{traceId}` in the place of its id. */
  readonly traceUrl?: string;
};
