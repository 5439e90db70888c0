import { type Context, contextNamed } from "./contexts.ts";
import type { CliDeps } from "./deps.ts";
import { usage } from "./errors.ts";
import type { GlobalOptions } from "./session.ts";

/** A setting, and who says so; `from` is `null` where nobody does. */
export type Setting<Value> = { readonly value: Value; readonly from: string | null };

/** Where a command goes. */
export type Place = {
  /** Without a slash at its end. */
  readonly url: Setting<string>;
  readonly environment: Setting<string | null>;
  readonly apiKey: Setting<string | null>;
  /** Nobody but the repository names the server. */
  readonly isProjects: boolean;
};

type Deps = Pick<CliDeps, "server" | "contexts" | "project" | "terminal">;
type Given = Pick<GlobalOptions, "url" | "context" | "env">;
type Server = Pick<Place, "url" | "apiKey"> & {
  readonly context?: readonly [string, Context];
  readonly isProjects?: true;
};

const KEY = "STATION_API_KEY";
const NO_KEY = { value: null, from: null };

/**
 * Where commands go: what was said now, before what the environment says, before what the repository says, before what
 * was remembered.
 */
export function placeFor(deps: Deps, given: Given): Place {
  const { url, apiKey, context, isProjects = false } = serverFor(deps, given);
  return { url, apiKey, isProjects, environment: environmentFor(deps, given, context) };
}

function serverFor(deps: Deps, given: Given): Server {
  const { server, contexts } = deps;
  if (given.url !== undefined) return named(deps, addressIn(given.url, "--url "), "--url");
  if (given.context !== undefined) return remembered(deps, given.context, "context first");
  if (!server.ok) throw usage(`the environment is not right:\n${server.problems}`);
  if (server.isGiven)
    return named(deps, server.url, deps.terminal.env["STATION_URL"] ? "STATION_URL" : "PORT");
  const project = deps.project();
  if (project !== null && project.server !== null) return ofProject(deps, project.server, project.file);
  const { current } = contexts.read();
  return current === null ? named(deps, server.url, null) : remembered(deps, current, "environment first");
}

/** A server that the person named by its address. */
function named(deps: Deps, url: string, from: string | null): Server {
  return { url: { value: url, from }, apiKey: keyOfEnvironment(deps) ?? keyFor(deps, url) };
}

/** A server that login has remembered; its own key, or that of the environment, counts more. */
function remembered(deps: Deps, name: string, order: "context first" | "environment first"): Server {
  const context = contextNamed(deps.contexts.read(), name);
  const from = `context ${name}`;
  const own = context.apiKey === null ? null : { value: context.apiKey, from };
  const given = keyOfEnvironment(deps);
  const apiKey = (order === "context first" ? (own ?? given) : (given ?? own)) ?? NO_KEY;
  return { url: { value: context.url, from }, apiKey, context: [name, context] };
}

/**
 * A server that a file of the repository names. It gets the key that was remembered for it and no other: whoever wrote
 * the file may want one.
 */
function ofProject(deps: Deps, url: string, file: string): Server {
  if (keyOfEnvironment(deps) !== null)
    throw usage(
      `${KEY} is set, and only ${file} says that it is for ${url}: nothing was sent`,
      `STATION_URL=${url} says so too`,
    );
  return { url: { value: url, from: file }, apiKey: keyFor(deps, url), isProjects: true };
}

function keyOfEnvironment({ server }: Deps): Place["apiKey"] | null {
  return server.ok && server.apiKey !== null ? { value: server.apiKey, from: KEY } : null;
}

/** A key goes to the server it was remembered for, and to no other. */
function keyFor({ contexts }: Deps, url: string): Place["apiKey"] {
  const known = Object.entries(contexts.read().servers).find(([, context]) => context.url === url);
  if (known === undefined) return NO_KEY;
  const [name, { apiKey }] = known;
  return apiKey === null ? NO_KEY : { value: apiKey, from: `context ${name}` };
}

/** The environment of a context that was named counts like a flag, that of the current one comes last. */
function environmentFor(deps: Deps, given: Given, context: Server["context"]): Place["environment"] {
  if (given.env !== undefined) return { value: given.env, from: "--env" };
  const [name, { environment } = { environment: null }] = context ?? [];
  const own = { value: environment, from: `context ${name}` };
  if (environment !== null && given.context !== undefined) return own;
  const project = deps.project();
  if (project !== null && project.environment !== null)
    return { value: project.environment, from: project.file };
  return environment === null ? { value: null, from: null } : own;
}

/** A server's address as a person wrote it behind `option`, without a slash at its end. */
export function addressIn(given: string, option: string): string {
  if (!/^https?:\/\/[^/]/.test(given) || !URL.canParse(given))
    throw usage(`${option}${given} is not the address of a server`, "http://host:port or https://host");
  return given.replace(/\/+$/, "");
}
