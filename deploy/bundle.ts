import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { noticesOf } from "./notices.ts";
import { packageOf } from "./packages.ts";
import { slimPackages } from "./slim-packages.ts";
import { onlyOurs } from "./source-map.ts";

/** What came of bundling. */
export type Bundled = {
  /** The size of each file in bytes, source maps left out. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The packages whose code is inside, by name. */
  readonly packages: ReadonlySet<string>;
};

/** The programs, and the threads that evaluate expressions and trace runs. They share their code through chunks. */
const PROGRAMS = {
  api: "src/main/api.ts",
  worker: "src/main/worker.ts",
  migrate: "src/main/migrate.ts",
  healthcheck: "src/main/healthcheck.ts",
  stn: "src/main/cli.ts",
  "pool-worker": "src/adapters/starlark/pool-worker.ts",
  tracer: "src/main/tracer.ts",
};

/** Native code, which no bundle can hold: it is copied beside it, or installed by npm. */
export const EXTERNAL = ["libsql"];

// For the CommonJS packages inside, which call `require` for what comes with node.
const REQUIRE =
  'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

/**
 * Bundles every program into `folder`, beside the files they read (migrations, the evaluator, the package's name) and
 * the licences of it all.
 */
export async function bundle(root: string, folder: string): Promise<Bundled> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    outExtension: { ".js": ".mjs" },
    // Flat: what reads a file beside itself finds it wherever its code ended up.
    chunkNames: "chunk-[hash]",
    external: EXTERNAL,
    plugins: [slimPackages(root)],
    banner: { js: REQUIRE },
    sourcemap: true,
    sourcesContent: false,
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    // Of functions and classes: what errors and logs say.
    keepNames: true,
    metafile: true,
    logLevel: "error",
  });
  const maps = Object.keys(metafile.outputs).filter((path) => path.endsWith(".map"));
  for (const path of maps) {
    const file = join(folder, basename(path));
    const code = await readFile(file.slice(0, -".map".length), "utf8");
    await writeFile(file, onlyOurs(await readFile(file, "utf8"), code));
  }
  await cp(join(root, "migrations"), join(folder, "migrations"), { recursive: true });
  const starlark = join(root, "src/adapters/starlark");
  await copyFile(join(starlark, "starlark.wasm.br"), join(folder, "starlark.wasm.br"));
  const { name, version, license } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await writeFile(
    join(folder, "package.json"),
    `${JSON.stringify({ name, version, license, type: "module" })}\n`,
  );
  const outputs = Object.entries(metafile.outputs).filter(([path]) => !path.endsWith(".map"));
  const inputs = outputs.flatMap(([, output]) => Object.keys(output.inputs));
  const notices = [
    await noticesOf(root, inputs),
    await readFile(join(starlark, "THIRD_PARTY_NOTICES"), "utf8"),
  ];
  await writeFile(join(folder, "THIRD_PARTY_NOTICES"), notices.join("\n"));
  return {
    sizes: new Map(outputs.map(([path, { bytes }]) => [path.split("/").at(-1) as string, bytes])),
    packages: new Set(inputs.map(packageOf).filter((name) => name !== null)),
  };
}
