import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Installs what the platforms' definitions are written with, unless that is there: not a part of the root's `npm ci`.
const folder = fileURLToPath(new URL("./", import.meta.url));
const at = (file: string) => statSync(folder + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (at("node_modules/.package-lock.json") < at("package-lock.json")) {
  // Nothing in there needs its install scripts; Pulumi's would fetch nothing that the tests use.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
