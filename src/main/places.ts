import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The numbered `.sql` files: in the repository, or beside the bundle. */
export const migrationsDir = firstThere(["../../migrations", "./migrations", "../migrations"]);

function firstThere(candidates: readonly string[]): string {
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`the migrations are missing; looked in ${paths.join(", ")}`);
  return found;
}
