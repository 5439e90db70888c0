import type { TObject, TSchema } from "typebox";
import type { Scope } from "../../core/identity/permissions.ts";
import type { ProblemKind } from "../schemas/problem.ts";

/** One row of the table: everything that validation, handlers, client and OpenAPI need to know about a route. */
export type Route = Shape & Access;

/** Whom a route answers. A row that does not say so does not compile. */
type Access =
  /** Anybody, without authentication. */
  | { readonly isPublic: true; readonly needs?: never; readonly environment?: never }
  /** Whoever is known, whatever they may do. */
  | { readonly isPublic?: never; readonly needs: "identity"; readonly environment?: never }
  /** Whoever may do, in the environment that the request is about, what takes this scope. */
  | { readonly isPublic?: never; readonly needs: Scope; readonly environment: EnvironmentPlace };

/**
 * Where a request says which environment it is about: in its `query` or `body`; by the id of a `run`, `approval`,
 * `agentRun`, `hook` or `notification` that belongs to one; in a `filter` over all that the caller may see; or nowhere,
 * when it is about the `station`.
 */
export type EnvironmentPlace =
  | "query"
  | "body"
  | "run"
  | "approval"
  | "agentRun"
  | "hook"
  | "notification"
  | "filter"
  | "station";

type Shape = {
  readonly method: "get" | "post" | "put" | "delete";
  /** With `{name}` for parameters. Where two rows match, the first one counts. */
  readonly path: `/${string}`;
  /** Another spelling that is also understood. */
  readonly alias?: `/${string}`;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly params?: TObject;
  readonly query?: TObject;
  /** Request headers the handler reads, in lower case. */
  readonly headers?: TObject;
  readonly body?: TSchema;
  /**
   * `optional`: no body is `{}`. `definition`: JSON or YAML text of a workflow, handed on as it was written. `raw`: the
   * bytes, for whoever checks a signature over them.
   */
  readonly bodyKind?: "optional" | "definition" | "raw";
  /** Larger than what bodies may have elsewhere. */
  readonly maxBodyBytes?: number;
  /** Of a POST that is done anew each time it is asked for, whatever its `Idempotency-Key` says. */
  readonly isAnew?: true;
  /** Other spellings of the body's keys. */
  readonly bodyAliases?: Readonly<Record<string, string>>;
  readonly ok: readonly [status: number, schema: TSchema | null];
  /** Another success, which the handler answers as a whole `Response`. */
  readonly otherwise?: readonly [status: number, schema: TSchema];
  /** The answer's media type, when it is not JSON. */
  readonly media?: "text/event-stream" | "text/plain" | "application/vnd.sqlite3" | "application/zip";
  /** What can go wrong, besides what can go wrong everywhere. */
  readonly problems: readonly ProblemKind[];
};

type Tag =
  | "Workflows"
  | "Runs"
  | "Schedules"
  | "Approvals"
  | "Agents"
  | "Environments"
  | "Webhooks"
  | "Notifications"
  | "Access"
  | "System";
