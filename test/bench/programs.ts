import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../../deploy/bundle.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
let built: Promise<string> | null = null;

/** What the images run node with. */
export const NODE_OPTIONS = "--enable-source-maps --max-semi-space-size=16";

/** The folder of the programs as they are shipped, bundled once for this process; inside the checkout, where their native code is. */
export function programs(): Promise<string> {
  built ??= build();
  return built;
}

/** Deletes them. */
export async function removePrograms(): Promise<void> {
  if (built !== null) await rm(await built, { recursive: true, force: true });
  built = null;
}

async function build(): Promise<string> {
  const folder = await mkdtemp(join(root, ".cache/bench-bundle-"));
  await bundle(root, folder);
  return folder;
}
