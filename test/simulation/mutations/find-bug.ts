import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Bug } from "./bugs.ts";

/** What it took until a bug showed; `broken`: the promise that it broke, `null` when none. */
export type Found = { readonly after: number; readonly broken: string | null };

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** How much is played before a bug is said to be missed. */
const MOST = { simulation: 2_000, histories: 20_000 } as const;

/**
 * Plants a bug in a process of its own and plays until it shows; then the same without the bug, which must keep every
 * promise. No file is changed.
 */
export async function findBug(
  { name, shownBy }: Bug,
  { most = MOST[shownBy], seed = 1 }: { readonly most?: number; readonly seed?: number } = {},
): Promise<Found> {
  const found = await search(name, shownBy, most, seed);
  if (found.broken === null) return found;
  const without = await search(null, shownBy, found.after, seed);
  if (without.broken === null) return found;
  throw new Error(`without "${name}", seed ${seed}, a promise is broken too: ${without.broken}`);
}

async function search(bug: string | null, by: Bug["shownBy"], most: number, seed: number): Promise<Found> {
  const planted = bug === null ? [] : ["--import", file("plant.ts")];
  const { stdout } = await execute(
    process.execPath,
    [...planted, file("search.ts"), "--by", by, "--most", `${most}`, "--seed", `${seed}`],
    { cwd: root, env: { ...process.env, ...(bug !== null && { STATION_PLANTED_BUG: bug }) } },
  );
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
