import { existsSync } from "node:fs";
import { copyFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EXTERNAL } from "./bundle.ts";

/**
 * Fills `out/package` with what npm publishes: the bundle (node strips no types inside node_modules), the web UI and
 * `stn`. What a bundle cannot hold is a dependency, which npm installs for the machine it is on.
 */
export async function assemblePackage(root: string, out: string): Promise<void> {
  const folder = join(out, "package");
  await rm(folder, { recursive: true, force: true });
  await cp(join(out, "bundle"), folder, { recursive: true });
  const ui = join(root, "dist/ui");
  if (existsSync(ui)) await cp(ui, join(folder, "ui"), { recursive: true });
  await copyFile(join(root, "README.md"), join(folder, "README.md"));
  const own = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const { name, version, description, license, type, dependencies } = own;
  const manifest = {
    ...{ name, version, description, license, type },
    bin: { stn: "stn.mjs" },
    engines: { node: ">=22.18" },
    dependencies: Object.fromEntries(EXTERNAL.map((external) => [external, dependencies[external]])),
  };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
