import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../deploy/bundle.ts";

const root = join(import.meta.dirname, "../..");

/** Bundles the programs as they are shipped: they start in a fraction of the time. Answers their folder. */
export async function bundlePrograms(): Promise<string> {
  const folder = ownFolder("programs");
  await bundle(root, folder);
  return folder;
}

/** The programs as they were at a commit. */
export async function bundleOlder(commit: string): Promise<string> {
  const tree = ownFolder("tree");
  const archive = execFileSync("git", ["archive", commit, "src", "migrations", "package.json"], {
    cwd: root,
    maxBuffer: 1_000_000_000,
  });
  execFileSync("tar", ["-x", "-C", tree], { input: archive });
  const folder = ownFolder("older");
  await bundle(tree, folder);
  return folder;
}

/** Gives programs a migration that older ones do not have and may pass over, as any later version's may be. */
export function addMigration(programs: string): void {
  const folder = join(programs, "migrations");
  const next = String(readdirSync(folder).length + 1).padStart(4, "0");
  writeFileSync(
    join(folder, `${next}_tomorrow.sql`),
    `-- What a later version adds.
-- Older programs may go on.

alter table workflow_runs add column tomorrow text;
alter table workflow_run_steps add column tomorrow integer not null default 1;
create table tomorrow (run_id text primary key references workflow_runs on delete cascade) strict;
`,
  );
}

/** Below the project, where the packages are found that no bundle can hold. */
function ownFolder(name: string): string {
  const folder = join(root, ".cache", "chaos", `${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
