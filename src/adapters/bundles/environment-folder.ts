import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { readManifest } from "../../core/bundle/manifest.ts";
import { pathProblem } from "../../core/bundle/paths.ts";
import { isObject, type JsonValue } from "../../core/json.ts";
import { BundleRefused } from "../../engine/errors.ts";
import type { ArchiveEntry, InstalledBundle, InstallTarget } from "../../engine/ports/bundles.ts";

const FOLDERS = ["agents", "mcp-servers", "workflows"];
/** What was installed is remembered here, one file per bundle. */
const RECORDS = "bundles";

/** The files of an environment that may be in a bundle, tests included, sorted by path. A link is refused. */
export async function bundleFilesIn(directory: string): Promise<readonly ArchiveEntry[]> {
  const files: ArchiveEntry[] = [];
  for (const { path, isFile } of await entriesIn(directory)) {
    if (!isFile) throw new BundleRefused(`"${path}" is not a plain file`);
    files.push({ path, bytes: await readFile(join(directory, path)) });
  }
  return files;
}

/** Where an environment has something that an install must not replace, links included; sorted. */
export async function takenPathsIn(directory: string): Promise<readonly string[]> {
  return (await entriesIn(directory)).map(({ path }) => path);
}

async function entriesIn(directory: string) {
  const found: { readonly path: string; readonly isFile: boolean }[] = [];
  for (const folder of FOLDERS)
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true }).catch(absent)) {
      const path = `${folder}/${entry.name}`;
      if (!entry.name.startsWith(".") && pathProblem(path) === null)
        found.push({ path, isFile: entry.isFile() });
    }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * An environment's folder as a place to install bundles in. Each file is written beside its place, synced and moved
 * there, so nobody ever reads half of one; the record comes last, so an install that died is seen as not done.
 */
export function environmentFolder(directory: string): InstallTarget {
  return {
    async checksums() {
      const sums = new Map<string, string>();
      for (const folder of FOLDERS)
        for (const entry of await readdir(join(directory, folder), { withFileTypes: true }).catch(absent)) {
          const path = `${folder}/${entry.name}`;
          if (entry.isFile()) sums.set(path, sha256(await readFile(join(directory, path))));
          else if (!entry.isDirectory()) sums.set(path, "");
        }
      return sums;
    },
    async installed() {
      const names = await readdir(join(directory, RECORDS)).catch(absent);
      const records = names.filter((name) => name.endsWith(".json")).sort();
      return Promise.all(records.map((name) => readRecord(join(directory, RECORDS, name))));
    },
    async install(files, record) {
      for (const folder of [...new Set(files.map(({ path }) => dirname(path))), RECORDS])
        await prepared(directory, folder);
      for (const { path, bytes } of files) await replace(join(directory, path), bytes);
      const text = `${JSON.stringify(record, null, 2)}\n`;
      await replace(join(directory, RECORDS, `${record.manifest.name}.json`), Buffer.from(text));
    },
  };
}

/** A folder that exists and is where it seems to be: a link must not lead writing out of the environment. */
async function prepared(directory: string, folder: string): Promise<void> {
  await mkdir(join(directory, folder), { recursive: true });
  const [root, real] = await Promise.all([realpath(directory), realpath(join(directory, folder))]);
  if (!real.startsWith(root + sep))
    throw new BundleRefused(`"${folder}" is a link that leads out of ${directory}`);
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const beside = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    const file = await open(beside, "wx", 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function readRecord(path: string): Promise<InstalledBundle> {
  const record = parsed(path, await readFile(path, "utf8"));
  const { manifest: written = null, signedBy } = isObject(record) ? record : {};
  const manifest = readManifest(written);
  if (typeof manifest === "string") throw new BundleRefused(`${path}: ${manifest}`);
  return { manifest, signedBy: typeof signedBy === "string" ? signedBy : null };
}

/** Records lie beside files that people keep in Git, and may have been merged. */
function parsed(path: string, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new BundleRefused(`${path} is not JSON: put it right, or remove it to forget what was installed`, {
      cause,
    });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Reads what does not exist as empty; anything else is the caller's to know. */
function absent(error: unknown): [] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}
