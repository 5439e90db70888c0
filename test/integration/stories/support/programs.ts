import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../../../../deploy/bundle.ts";

const root = join(import.meta.dirname, "../../../..");
let folder: string | undefined;

/** Bundles the programs once for all files: what the stories start is what is shipped, in half the time. */
export async function setup(): Promise<void> {
  // Within the repository, where the packages are found that no bundle can hold.
  await mkdir(join(root, ".cache"), { recursive: true });
  folder = await mkdtemp(join(root, ".cache/programs-"));
  await bundle(root, folder);
  process.env["STATION_TEST_PROGRAMS"] = folder;
}

export async function teardown(): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
