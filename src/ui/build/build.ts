import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { noticesOf } from "../../../deploy/notices.ts";
import { apiDocsHtml } from "./api-docs-html.ts";
import { measure, reportOf } from "./budget.ts";
import { packExample } from "./example.ts";
import { indexHtml } from "./index-html.ts";
import { everyStylesheet, shellInOnePiece, slimContract } from "./plugins.ts";
import { precompress } from "./precompress.ts";
import { fingerprint } from "./sources.ts";

// `npm run build:ui`: the web UI as static files in dist/ui. Exits 1 above the size budget.
const root = join(import.meta.dirname, "../../..");
const out = join(root, "dist/ui");
const work = join(root, `dist/ui-${process.pid}`);

/** RapiDoc from its sources: what its own bundle holds of others could not be told, nor under which licences. */
const RAPIDOC = {
  define: { global: "globalThis" },
  alias: {
    "~": join(root, "node_modules/rapidoc/src"),
    "@apitools/openapi-parser": join(root, "src/ui/api-docs/no-parser.ts"),
  },
};

const startedAt = Date.now();
const sources = await fingerprint(root);
const licences = `licences-${sources.slice(0, 8)}.txt`;
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
try {
  const worker = await bundle({ "elk-worker": "elkjs/lib/elk-worker.min.js" }, { format: "iife" });
  const theme = await bundle({ theme: "src/ui/shell/apply-theme.ts" }, { format: "iife" });
  const apiDocs = await bundle({ "api-docs": "src/ui/api-docs/api-docs.ts" }, { format: "iife", ...RAPIDOC });
  const app = await bundle(
    { app: "src/ui/main.tsx" },
    {
      format: "esm",
      splitting: true,
      define: {
        __ELK_WORKER__: JSON.stringify(urlOf(outputOf(worker, "elk-worker"))),
        __LICENCES__: JSON.stringify(`/assets/${licences}`),
        __EXAMPLE_BUNDLE__: JSON.stringify(`/assets/${await packExample(root, join(work, "assets"))}`),
      },
    },
  );
  await writeFile(join(work, "index.html"), indexHtml({ app, theme: urlOf(outputOf(theme, "theme")) }));
  await writeFile(
    join(work, "api-docs.html"),
    apiDocsHtml({
      theme: urlOf(outputOf(theme, "theme")),
      css: urlOf(outputOf(apiDocs, "api-docs", "css")),
      script: urlOf(outputOf(apiDocs, "api-docs")),
    }),
  );
  const sizes = await measure(root, app);
  await removeUnloaded(app);
  const files = [worker, theme, apiDocs, app].flatMap(({ inputs }) => Object.keys(inputs));
  await writeFile(join(work, "assets", licences), await noticesOf(root, files));
  await precompress(join(work, "assets"));
  await writeFile(join(work, "build.json"), JSON.stringify({ sources }));
  console.log(reportOf(sizes, Date.now() - startedAt));
  if (sizes.firstLoad > sizes.limit) process.exitCode = 1;
  // Only now: a server that reads beside us never finds half a build.
  await rm(out, { recursive: true, force: true });
  await rename(work, out);
} finally {
  await rm(work, { recursive: true, force: true });
}

/** Stylesheets of what is loaded later, which nothing loads: all of it stands in the first one. */
async function removeUnloaded({ outputs }: Metafile): Promise<void> {
  const paths = Object.keys(outputs).filter((path) => path.endsWith(".css"));
  for (const path of paths) if (!/\/app-\w+\.css$/.test(path)) await rm(join(root, path));
}

type Shape = {
  readonly format: "iife" | "esm";
  readonly splitting?: boolean;
  readonly define?: Record<string, string>;
  readonly alias?: Record<string, string>;
};

async function bundle(
  entryPoints: Record<string, string>,
  { format, splitting, define, alias = {} }: Shape,
) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: join(work, "assets"),
    bundle: true,
    minify: true,
    metafile: true,
    legalComments: "linked",
    format,
    splitting: splitting ?? false,
    platform: "browser",
    target: ["chrome123", "firefox128", "safari17.5"],
    jsx: "automatic",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file" },
    plugins: [everyStylesheet(root), slimContract(root), shellInOnePiece(root)],
    define: { "process.env.NODE_ENV": '"production"', ...define },
    alias,
    logLevel: "warning",
  });
  return metafile;
}

function outputOf({ outputs }: Metafile, name: string, type: "js" | "css" = "js"): string {
  const found = Object.keys(outputs).find((path) => new RegExp(`/${name}-\\w+\\.${type}$`).test(path));
  if (found === undefined) throw new Error(`the build made no ${name}`);
  return found;
}

function urlOf(output: string): string {
  return `/assets/${output.slice(output.lastIndexOf("/") + 1)}`;
}
