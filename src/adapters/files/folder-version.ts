import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Changes whenever a file directly in the folder does; much cheaper than reading them. Empty without the folder. */
export async function folderVersion(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const marks = await Promise.all(
    names.sort().map(async (name) => `${name} ${await fileVersion(join(folder, name))}`),
  );
  return marks.join("\n");
}

/** Changes whenever the file does; empty when there is none. */
export async function fileVersion(path: string): Promise<string> {
  const info = await stat(path).catch(() => null);
  return info ? `${info.size} ${info.mtimeMs} ${info.ctimeMs} ${info.ino}` : "";
}
