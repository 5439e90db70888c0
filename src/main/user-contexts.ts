import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Context, type ContextStore, type Contexts, NO_CONTEXTS } from "../cli/contexts.ts";

/**
 * A person's contexts in a file that nobody else can read: `$XDG_CONFIG_HOME/station/contexts.json`, else under
 * `~/.config`. It holds keys in clear, as other tools' do.
 */
export function userContexts(env: Readonly<Record<string, string | undefined>>): ContextStore {
  const file = join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "station", "contexts.json");
  return {
    file,
    read: () => readContexts(file),
    write(contexts) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const fresh = `${file}.${randomUUID()}`;
      writeFileSync(fresh, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flag: "wx" });
      renameSync(fresh, file);
    },
  };
}

function readContexts(file: string): Contexts {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return NO_CONTEXTS;
    throw new Error(`${file} cannot be read`, { cause: error });
  }
  const contexts = contextsIn(text);
  if (!contexts)
    throw new Error(`${file} does not hold contexts; stn login writes it anew when it is removed`);
  return contexts;
}

function contextsIn(text: string): Contexts | null {
  try {
    const { current, servers } = JSON.parse(text) as Contexts;
    const isWhole = Object.values(servers).every(isContext);
    return isWhole && (current === null || typeof current === "string") ? { current, servers } : null;
  } catch {
    return null;
  }
}

function isContext({ url, apiKey, environment }: Context): boolean {
  const isTextOrNull = (value: unknown) => value === null || typeof value === "string";
  return typeof url === "string" && isTextOrNull(apiKey) && isTextOrNull(environment);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
