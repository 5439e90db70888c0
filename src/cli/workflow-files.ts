import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { unreadable } from "./files.ts";

export const MCP_SERVERS_FILE = /(?:^|[/\\])mcp-servers[/\\][^/\\]+\.json$/;

/** `environments/<name>/workflows/x.workflow.yaml` belongs to an environment; a file elsewhere to none. */
export function environmentOf(root: string, path: string): string | null {
  const [environment, ...rest] = relative(root, path).split(sep);
  return environment === undefined || environment === ".." || rest.length === 0 ? null : environment;
}

/** The files that are named, and below folders those that are wanted; sorted. */
export async function filesBelow(
  paths: readonly string[],
  isWanted: (path: string) => boolean,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const kind = await stat(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    if (!kind.isDirectory()) found.push(path);
    else {
      const names = await readdir(path, { recursive: true });
      found.push(...names.map((below) => join(path, below)).filter(isWanted));
    }
  }
  return found.sort();
}
