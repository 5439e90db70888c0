import { closest } from "../core/definition/suggest.ts";
import { usage } from "./errors.ts";

/** A server under a name of one's own: where it is, the key for it, the environment commands are about. */
export type Context = {
  readonly url: string;
  readonly apiKey: string | null;
  readonly environment: string | null;
};

/** The servers a person works with; commands go to `current` unless something else is said. */
export type Contexts = {
  readonly current: string | null;
  readonly servers: Readonly<Record<string, Context>>;
};

/** Keeps them for this person on this machine. */
export type ContextStore = {
  /** Where they are kept. */
  readonly file: string;
  /** Throws when the file cannot be read or is none of ours. */
  read(): Contexts;
  write(contexts: Contexts): void;
};

export const NO_CONTEXTS: Contexts = { current: null, servers: {} };

/** The context of that name; a usage error says which there are. */
export function contextNamed({ servers }: Contexts, name: string): Context {
  const found = Object.hasOwn(servers, name) ? servers[name] : undefined;
  if (found) return found;
  const names = Object.keys(servers);
  const near = closest(name, names);
  const hint =
    near !== null
      ? `did you mean ${near}?`
      : names.length === 0
        ? "stn login <url> makes one"
        : `there are: ${names.join(", ")}`;
  throw usage(`there is no context ${name}`, hint);
}

/** With this context, which is the current one from then on. */
export function withContext(contexts: Contexts, name: string, context: Context): Contexts {
  return { current: name, servers: { ...contexts.servers, [name]: context } };
}

/** Without it; commands go to this machine's server again when it was the current one. */
export function withoutContext(contexts: Contexts, name: string): Contexts {
  const { [name]: _, ...servers } = contexts.servers;
  return { current: contexts.current === name ? null : contexts.current, servers };
}
