import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleFilesIn } from "../../adapters/bundles/environment-folder.ts";
import { zipArchive } from "../../adapters/bundles/zip.ts";
import { createBundle } from "../../engine/bundle/bundle.ts";

const EXAMPLE = {
  name: "first-steps",
  version: "1.0.0",
  description: "A change is reviewed by an agent, approved by a person when it is risky, and announced",
};

/** Packs the example that an empty installation offers, as one of the app's files; answers its name. */
export async function packExample(root: string, assets: string): Promise<string> {
  const files = await bundleFilesIn(join(root, "src/ui/example"));
  const { bytes } = await createBundle(zipArchive, EXAMPLE, files, null);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  const name = `example-${hash}.zip`;
  await writeFile(join(assets, name), bytes);
  return name;
}
