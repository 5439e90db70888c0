import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { McpServer } from "../../core/definition/mcp/server.ts";
import { fillVariables } from "../../core/definition/mcp/variables.ts";
import { percentDecoded } from "../../core/percent.ts";
import { isSecretName, type Redact, redacting } from "./redact.ts";

/** A server as it is started or reached: every variable in its place. Holds secrets; never logged or stored. */
export type ResolvedServer = {
  readonly name: string;
  readonly environment: string;
  /** Name and hash of everything that matters: the same key is the same server. */
  readonly key: string;
  readonly target: Target;
  /** How long one call may be silent; `null`: as the caller says. */
  readonly timeoutMs: number | null;
  /** For messages: takes out every value that was filled in. */
  readonly redact: Redact;
  /** For what tools answer: takes out what is a secret by its name or place, and nothing else. */
  readonly redactAnswer: Redact;
};

export type Target =
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | { readonly kind: "http"; readonly url: URL; readonly headers: Readonly<Record<string, string>> };

export type Resolution =
  | { readonly ok: true; readonly server: ResolvedServer }
  /** The message names what is missing and shows no value. */
  | { readonly ok: false; readonly missing: readonly string[]; readonly message: string };

/** Where the values of an environment's variables come from. */
export type Surroundings = {
  readonly environment: string;
  /** The environment's folder, absolute: where a server is started unless its file says otherwise. */
  readonly folder: string;
  /** From `variables.yml`. */
  readonly variables: Readonly<Record<string, string>>;
  /** The process environment, which wins. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** The only names of the process environment that a started server gets without being given them. */
const INHERITED = ["HOME", "PATH", "SHELL", "TERM", "LOGNAME", "USER"];

/** Fills in the variables of a server: the process environment first, then `variables.yml`, then defaults. */
export function resolveServer(server: McpServer, surroundings: Surroundings): Resolution {
  const { environment, folder, variables, env } = surroundings;
  const builtIn: Readonly<Record<string, string>> = {
    STATION_ENVIRONMENT: environment,
    STATION_ENVIRONMENT_DIR: folder,
  };
  const found = { missing: new Set<string>(), values: new Map<string, string>() };
  const own = new Set<string>();
  const lookup = (name: string): string | undefined => {
    if (Object.hasOwn(builtIn, name)) {
      own.add(name);
      return builtIn[name];
    }
    // Station's own settings are its own: the database's token is for nobody else.
    const fromProcess = name.startsWith("STATION_") ? undefined : env[name];
    return fromProcess ?? (Object.hasOwn(variables, name) ? variables[name] : undefined);
  };
  const fill = (text: string) => fillVariables(text, lookup, found);
  const fillAll = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]));

  const { transport } = server;
  const filled =
    transport.kind === "stdio"
      ? {
          ...transport,
          command: fill(transport.command),
          args: transport.args.map(fill),
          env: fillAll(transport.env),
          cwd: resolve(folder, fill(transport.cwd ?? ".")),
        }
      : { ...transport, url: fill(transport.url), headers: fillAll(transport.headers) };
  if (found.missing.size > 0) return missing(server.name, [...found.missing]);
  for (const name of own) found.values.delete(name);
  if (filled.kind === "http" && !(URL.canParse(filled.url) && /^https?:$/.test(new URL(filled.url).protocol)))
    return {
      ok: false,
      missing: [],
      message: `MCP server "${server.name}": its "url" is no http:// or https:// address once its variables are filled in`,
    };
  const target: Target =
    filled.kind === "http"
      ? { ...filled, url: new URL(filled.url) }
      : { ...filled, env: { ...inherited(env), ...filled.env } };
  const secrets = secretsOf(target, found.values);
  return {
    ok: true,
    server: {
      name: server.name,
      environment,
      key: keyOf(server.name, target),
      target,
      timeoutMs: server.timeoutSeconds === null ? null : server.timeoutSeconds * 1000,
      redact: redacting([...found.values.values(), ...secrets]),
      redactAnswer: redacting(secrets),
    },
  };
}

function missing(server: string, names: readonly string[]): Resolution {
  const are = names.length === 1 ? `variable ${names[0]} is` : `variables ${names.join(", ")} are`;
  const ours = names.some((name) => name.startsWith("STATION_"))
    ? " (Station's own STATION_… settings are not handed on)"
    : "";
  return {
    ok: false,
    missing: names,
    message: `MCP server "${server}": ${are} not set, neither in the process environment nor in variables.yml${ours}`,
  };
}

function inherited(env: Surroundings["env"]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = env[name];
    // A value that starts like this is a shell function, which no server should be given.
    if (value !== undefined && !value.startsWith("()")) kept[name] = value;
  }
  return kept;
}

function secretsOf(target: Target, values: ReadonlyMap<string, string>): readonly string[] {
  const secrets = [...values].filter(([name]) => isSecretName(name)).map(([, value]) => value);
  const named = target.kind === "stdio" ? target.env : target.headers;
  for (const [name, value] of Object.entries(named))
    if (isSecretName(name)) secrets.push(...withoutScheme(value));
  if (target.kind === "http") {
    const { username, password, searchParams } = target.url;
    secrets.push(...[username, password].map((part) => percentDecoded(part) ?? part));
    for (const [name, value] of searchParams) if (isSecretName(name)) secrets.push(value);
  }
  return secrets;
}

/** `Bearer abc` is a secret, and `abc` is one. */
function withoutScheme(value: string): readonly string[] {
  return [value, value.replace(/^\w+\s+/, "")];
}

function keyOf(name: string, target: Target): string {
  const text = JSON.stringify({ ...target, ...(target.kind === "http" && { url: target.url.href }) });
  return `${name} ${createHash("sha256").update(text).digest("hex")}`;
}
