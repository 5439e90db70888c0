import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fingerprint } from "../../../src/ui/build/sources.ts";
import { chromiumPath, windowedPath } from "./chromium.ts";

const root = join(import.meta.dirname, "../../..");

/** The pages are built once for all files; without a browser it is said aloud that nothing was tried. */
export async function setup(): Promise<void> {
  if (!existsSync(chromiumPath)) {
    console.error(
      `!!! SKIPPED: all browser tests: there is no ${chromiumPath} (apt-get install -y --no-install-recommends chromium-headless-shell)`,
    );
    return;
  }
  if (!existsSync(windowedPath))
    console.error(`!!! SKIPPED: what is shown outside of a page: there is no ${windowedPath}`);
  const built = await readFile(join(root, "dist/ui/build.json"), "utf8").catch(() => "{}");
  if ((JSON.parse(built) as { sources?: string }).sources === (await fingerprint(root))) return;
  const { status } = spawnSync(process.execPath, ["src/ui/build/build.ts"], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error("the UI cannot be built");
}
