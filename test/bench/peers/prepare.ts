import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("./", import.meta.url));
const typeScript = fileURLToPath(new URL("../../../node_modules/.bin/tsc", import.meta.url));

/** Installs the peers unless they are there, and checks this folder's types, which the root's `tsc` leaves alone. */
export function preparePeers(): void {
  const at = (file: string) => statSync(folder + file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  // Nothing in there needs its install scripts: the server comes as a package of its own.
  if (at("node_modules/.package-lock.json") < at("package-lock.json"))
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  run(typeScript, ["-p", folder]);
}

/** What it prints goes to standard error. */
function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, {
    cwd: folder,
    stdio: ["ignore", process.stderr, "inherit"],
  });
  if (status !== 0) throw new Error(`${[program, ...args].join(" ")} failed in ${folder}`, { cause: error });
}
