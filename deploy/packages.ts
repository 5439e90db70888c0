import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The package that a file belongs to; `null` for our own. */
export function packageOf(path: string): string | null {
  return packageFolderOf(path)?.split("node_modules/").at(-1) ?? null;
}

/** Where that package lies, which may be within another one. */
export function packageFolderOf(path: string): string | null {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

/** The packages that these need when they run, themselves included; the ones npm may leave out are not followed. */
export async function closureOf(root: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const text = await readFile(join(root, "node_modules", name, "package.json"), "utf8");
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(text);
    // npm lists an optional package among the dependencies of older packages as well.
    open.push(...Object.keys(dependencies).filter((needed) => !(needed in optionalDependencies)));
  }
  return found;
}
