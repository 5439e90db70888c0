import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Bundled, bundle, EXTERNAL } from "./bundle.ts";
import { closureOf } from "./packages.ts";
import { sbomOf } from "./sbom.ts";

export type Architecture = "x64" | "arm64";

/** What came of building an image's contents. */
export type Built = {
  readonly bundled: Bundled;
  /** The packages copied beside the bundle. */
  readonly native: ReadonlySet<string>;
};

/**
 * Fills `out/bundle` with the programs, and `out/image` with what a container holds and nothing else: the programs,
 * the native packages they load, the web UI where it has been built, the example environment, and the list of it all.
 */
export async function buildImage(root: string, out: string, arch: Architecture): Promise<Built> {
  const [from, image] = [join(out, "bundle"), join(out, "image")];
  const bundled = await bundle(root, from);
  await rm(image, { recursive: true, force: true });
  await cp(from, image, { recursive: true });
  const nativeLibsql = nativeOf(arch);
  if (!existsSync(join(root, "node_modules", nativeLibsql)))
    throw new Error(`${nativeLibsql} is not installed: npm ci --os=linux --cpu=${arch} --libc=glibc`);
  const native = new Set([...(await closureOf(root, EXTERNAL)), nativeLibsql]);
  for (const name of native) await copyPackage(root, name, image);
  await cp(join(root, "environments"), join(image, "environments"), { recursive: true });
  const ui = join(root, "dist/ui");
  if (existsSync(ui)) await cp(ui, join(image, "ui"), { recursive: true });
  await writeFile(
    join(image, "sbom.cdx.json"),
    await sbomOf(root, new Set([...bundled.packages, ...native])),
  );
  return { bundled, native };
}

/** The images are Debian's, so musl's build of the same package stays out. */
function nativeOf(arch: Architecture): string {
  return `@libsql/linux-${arch}-gnu`;
}

async function copyPackage(root: string, name: string, image: string): Promise<void> {
  const to = join(image, "node_modules", name);
  await mkdir(dirname(to), { recursive: true });
  await cp(join(root, "node_modules", name), to, {
    recursive: true,
    filter: (path) => !/\.(?:md|map|d\.[cm]?ts|ts)$/.test(path),
  });
}
