import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const FOLDERS = ["src/ui", "src/core", "src/http"];

/** What the UI was built from: changes when a source file appears, goes or is written. */
export async function fingerprint(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of FOLDERS) {
    const names = (await readdir(join(root, folder), { recursive: true })).sort();
    const files = names.filter((name) => /\.(?:tsx?|css|prompt|yaml)$/.test(name) && !/\.test\.tsx?$/.test(name));
    const stats = await Promise.all(files.map((file) => stat(join(root, folder, file))));
    for (const [index, file] of files.entries())
      hash.update(`${folder}/${file} ${stats[index]?.size} ${stats[index]?.mtimeMs}\n`);
  }
  const lock = await stat(join(root, "package-lock.json"));
  hash.update(`${lock.size} ${lock.mtimeMs}`);
  return hash.digest("hex");
}
