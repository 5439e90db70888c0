import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { entryOf, pagesOf, staticClosure } from "./metafile.ts";

/** JavaScript and CSS before a page is there, gzipped, in KB. */
const LIMIT_KB = 220;

/** What the files weigh, gzipped, in KB. */
export type Sizes = {
  readonly limit: number;
  /** Shell, stylesheet and the heaviest page. */
  readonly firstLoad: number;
  readonly shell: number;
  readonly pages: readonly { readonly name: string; readonly kb: number }[];
  readonly lazy: readonly { readonly name: string; readonly kb: number }[];
};

/** Weighs a build: the shell, what each page adds to it, and what comes later. */
export async function measure(root: string, app: Metafile): Promise<Sizes> {
  const weights = new Map<string, number>();
  for (const path of Object.keys(app.outputs))
    if (/\.(?:js|css)$/.test(path))
      weights.set(path, gzipSync(await readFile(join(root, path)), { level: 9 }).length / 1024);
  const kb = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + (weights.get(path) ?? 0), 0);
  const entry = entryOf(app);
  const css = app.outputs[entry]?.cssBundle ?? "";
  const shell = new Set([...staticClosure(app, entry), css]);
  const pages = pagesOf(app).map((path) => ({
    name: basename(app.outputs[path]?.entryPoint ?? path),
    kb: kb(staticClosure(app, path).filter((needed) => !shell.has(needed))),
  }));
  const lazy = [...weights]
    .filter(([path]) => path.endsWith(".js") && !shell.has(path))
    .map(([path, weight]) => ({ name: basename(path), kb: weight }));
  const heaviest = Math.max(0, ...pages.map((page) => page.kb));
  return { limit: LIMIT_KB, shell: kb(shell), firstLoad: kb(shell) + heaviest, pages, lazy };
}

/** What `npm run build:ui` prints. */
export function reportOf({ limit, firstLoad, shell, pages, lazy }: Sizes, ms: number): string {
  const line = (name: string, kb: number) => `  ${name.padEnd(36)} ${kb.toFixed(1).padStart(7)}`;
  const isOver = firstLoad > limit;
  return [
    "KB gzip",
    line("shell and stylesheet", shell),
    ...pages.map(({ name, kb }) => line(`+ ${name}`, kb)),
    ...lazy.filter(({ kb }) => kb > 2).map(({ name, kb }) => line(`  lazy ${name}`, kb)),
    line("first load (shell + heaviest page)", firstLoad),
    isOver ? `!!! above the budget of ${limit} KB` : `within the budget of ${limit} KB`,
    `built in ${(ms / 1000).toFixed(1)} s`,
  ].join("\n");
}
