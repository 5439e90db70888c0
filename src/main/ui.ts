import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "../engine/ports.ts";
import type { Ui, UiStatus } from "../http/ui.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const buildScript = join(root, "src/ui/build/build.ts");

/**
 * The web UI's files. In a checkout they are built when somebody opens a page and they are missing or older than
 * the sources: a server that nobody looks at builds nothing. A container brings them along.
 */
export function openUi(log: Log): Ui & { close(): Promise<void> } {
  const directory = places().find(hasPage) ?? join(root, "dist/ui");
  const isCheckout = existsSync(buildScript) && existsSync(join(root, "node_modules/esbuild"));
  let failure: string | null = null;
  let builder: ChildProcess | null = null;
  let inHand: Promise<void> | null = null;
  let isClosed = false;

  async function keepBuilt(): Promise<void> {
    if ((hasPage(directory) && (await isCurrent(directory))) || isClosed) return;
    const startedAt = Date.now();
    builder = spawn(process.execPath, [buildScript], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const { code, output } = await outputOf(builder);
    if (isClosed) return;
    failure = code === 0 ? null : output;
    if (code === 0) log.info("web UI built", { duration_ms: Date.now() - startedAt });
    else log.warn("the web UI cannot be built", { error: output });
  }

  return {
    directory,
    status(): UiStatus {
      if (isCheckout && !isClosed)
        inHand ??= keepBuilt()
          .catch((error: unknown) => {
            failure = String(error);
          })
          .finally(() => {
            inHand = null;
          });
      if (hasPage(directory)) return { is: "ready" };
      if (failure !== null) return { is: "missing", why: failure };
      return isCheckout ? { is: "building" } : { is: "missing", why: NOT_THERE };
    },
    async close() {
      isClosed = true;
      builder?.kill();
      await inHand;
    },
  };
}

const NOT_THERE = "There is no dist/ui: run `npm run build:ui`, or set STATION_UI=off.";

/** Beside a bundle, or where the build puts it in a checkout. */
function places(): readonly string[] {
  return [fileURLToPath(new URL("./ui", import.meta.url)), join(root, "dist/ui")];
}

function hasPage(directory: string): boolean {
  return existsSync(join(directory, "index.html"));
}

async function isCurrent(directory: string): Promise<boolean> {
  const { fingerprint } = await import("../ui/build/sources.ts");
  const text = await readFile(join(directory, "build.json"), "utf8").catch(() => "{}");
  return (JSON.parse(text) as { readonly sources?: string }).sources === (await fingerprint(root));
}

async function outputOf(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  const parts: string[] = [];
  child.stdout?.on("data", (part) => parts.push(String(part)));
  child.stderr?.on("data", (part) => parts.push(String(part)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, output: parts.join("").trim() };
}
