import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { misnamed, TEST_FILE, WORKFLOW_FILE } from "../../core/definition/file-name.ts";
import { decodeText, tooLarge } from "./decode.ts";
import { MAX_SOURCE_BYTES } from "./yaml.ts";

export type FileKind = "agent" | "mcp-server" | "workflow";

/** A file of an environment; `path` is relative to the environment, with `/`: `agents/pod-checker.prompt`. */
export type EnvironmentFile = { readonly kind: FileKind; readonly path: string } & (
  | { readonly text: string }
  | { readonly problem: Diagnostic }
);

const FOLDERS = [
  { kind: "agent", folder: "agents", isRead: /\.prompt$/ },
  { kind: "mcp-server", folder: "mcp-servers", isRead: /\.json$/ },
  { kind: "workflow", folder: "workflows", isRead: WORKFLOW_FILE },
] as const;

type Folder = (typeof FOLDERS)[number];

/** Where the first Station had the MCP servers of an environment or a bundle: it is told, and not read. */
export const MISPLACED_SERVERS = "template.json";

/** The environments below a root folder (`environments/`), sorted; none when the folder does not exist. */
export async function listEnvironments(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(absent);
  const names: string[] = [];
  for (const entry of entries) {
    if (!isEnvironmentName(entry.name)) continue;
    const info = await stat(join(root, entry.name)).catch(() => null);
    if (info?.isDirectory()) names.push(entry.name);
  }
  return names.sort();
}

/**
 * Every agent, MCP server and workflow file of an environment, sorted by path. A file that cannot be read (too
 * large, no UTF-8, a link that leads out of the environment, no permission) is listed with its problem and never
 * hides the others. An environment or folder that does not exist is empty.
 */
export async function readEnvironment(
  directory: string,
  kinds: readonly FileKind[] = ["agent", "mcp-server", "workflow"],
): Promise<readonly EnvironmentFile[]> {
  const root = await realpath(directory).catch((error) => absent(error) && null);
  if (root === null) return [];
  const files: EnvironmentFile[] = [];
  for (const folder of FOLDERS)
    if (kinds.includes(folder.kind)) files.push(...(await readFolder(root, folder)));
  if (kinds.includes("mcp-server") && (await lstat(join(root, MISPLACED_SERVERS)).catch(() => null)))
    files.push({
      kind: "mcp-server",
      path: MISPLACED_SERVERS,
      problem: problem("MCP servers are not read from here", "move the file into mcp-servers/"),
    });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** An environment's own files, and beside them others; one of the same path stands back. */
export function beside(
  own: readonly EnvironmentFile[],
  others: readonly EnvironmentFile[],
): readonly EnvironmentFile[] {
  if (others.length === 0) return own;
  const paths = new Set(own.map(({ path }) => path));
  return [...own, ...others.filter(({ path }) => !paths.has(path))].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** True for a name that is one folder; requests name environments too, and `../..` is none. */
export function isEnvironmentName(name: string): boolean {
  return /^[\w-][\w.-]*$/.test(name);
}

async function readFolder(root: string, folder: Folder): Promise<readonly EnvironmentFile[]> {
  const { kind, folder: name } = folder;
  try {
    const real = await realpath(join(root, name));
    if (!isInside(root, real))
      return [{ kind, path: name, problem: problem("the link leads out of the environment") }];
    const names = (await readdir(real))
      .filter((file) => !file.startsWith(".") && !TEST_FILE.test(file))
      .sort();
    const files: EnvironmentFile[] = [];
    for (const file of names) {
      const path = `${name}/${file}`;
      const read = await readOne(root, path, folder);
      if (read) files.push({ kind, path, ...read });
    }
    return files;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    return [{ kind, path: name, problem: unreadable(error) }];
  }
}

async function readOne(
  root: string,
  path: string,
  { isRead }: Folder,
): Promise<{ readonly text: string } | { readonly problem: Diagnostic } | null> {
  if (!isRead.test(path)) {
    const problem = misnamed(path);
    return problem && { problem };
  }
  try {
    const real = await realpath(join(root, path));
    return isInside(root, real)
      ? await readSourceFile(real)
      : { problem: problem("the link leads out of the environment") };
  } catch (error) {
    return { problem: unreadable(error) };
  }
}

/** A file's text, or why it is none that a workflow or an agent could be read from. */
export async function readSourceFile(
  path: string,
): Promise<{ readonly text: string } | { readonly problem: Diagnostic }> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return { problem: problem("this is not a regular file") };
    if (info.size > MAX_SOURCE_BYTES) return { problem: tooLarge(info.size) };
    return decodeText(await readFile(path));
  } catch (error) {
    return { problem: unreadable(error) };
  }
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function problem(message: string, hint?: string): Diagnostic {
  return {
    code: "UNREADABLE",
    severity: "error",
    path: "",
    line: 1,
    column: 1,
    message,
    ...(hint && { hint }),
  };
}

function unreadable(error: unknown): Diagnostic {
  const code = codeOf(error);
  if (code === "ELOOP") return problem("the link leads in a circle");
  if (code === "ENOENT") return problem("the link leads nowhere");
  if (code === "EACCES" || code === "EPERM") return problem("there is no permission to read it");
  return problem(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
}

/** Reads what does not exist as empty; anything else is the caller's to know. */
function absent(error: unknown): [] {
  if (codeOf(error) === "ENOENT") return [];
  throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
