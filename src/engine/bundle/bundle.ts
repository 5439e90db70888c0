import { createHash } from "node:crypto";
import {
  type BundleManifest,
  identityProblem,
  manifestText,
  readManifest,
} from "../../core/bundle/manifest.ts";
import { foldedPath, pathProblem } from "../../core/bundle/paths.ts";
import { type InstallPlan, planOf } from "../../core/bundle/plan.ts";
import type { JsonValue } from "../../core/json.ts";
import { BundleRefused } from "../errors.ts";
import type { Archive, ArchiveEntry, InstallTarget } from "../ports/bundles.ts";
import { signatureOf, signerOf } from "./signature.ts";

const MANIFEST = "bundle.json";
const SIGNATURE = "bundle.sig";
/** As large as a single file of an environment may be, and as many as one could look through. */
const LIMITS = { entries: 2_000, entryBytes: 1_000_000, totalBytes: 32_000_000 };

/** A bundle whose every file is what its manifest says. */
export type Bundle = {
  readonly manifest: BundleManifest;
  readonly files: readonly ArchiveEntry[];
  /** Fingerprint of the key it was signed with; `null`: it was not. */
  readonly signedBy: string | null;
};

/** Makes a bundle of an environment's files. The same files and identity are the same bytes. */
export async function createBundle(
  archive: Archive,
  identity: Pick<BundleManifest, "name" | "version" | "description">,
  files: readonly ArchiveEntry[],
  privateKey: string | null,
): Promise<{ readonly bytes: Uint8Array; readonly manifest: BundleManifest }> {
  const problem = identityProblem(identity);
  if (problem !== null) throw new BundleRefused(problem);
  if (files.length === 0) throw new BundleRefused("there is nothing to put into it");
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  mustBeSafe(sorted.map(({ path }) => path));
  const listed = sorted.map(({ path, bytes }) => ({ path, sha256: sha256(bytes), size: bytes.length }));
  const manifest: BundleManifest = { format: 1, ...identity, files: listed };
  const text = Buffer.from(manifestText(manifest));
  const signature =
    privateKey === null ? [] : [{ path: SIGNATURE, bytes: Buffer.from(signatureOf(text, privateKey)) }];
  const bytes = await archive.pack([{ path: MANIFEST, bytes: text }, ...signature, ...sorted]);
  return { bytes, manifest };
}

/** Opens a bundle and checks everything about it; throws `BundleRefused` with the reason. */
export async function openBundle(archive: Archive, bytes: Uint8Array, limits = LIMITS): Promise<Bundle> {
  const entries = await archive.unpack(bytes, limits);
  const byPath = new Map<string, Uint8Array>();
  for (const { path, bytes: content } of entries) {
    if (byPath.has(path)) throw new BundleRefused(`"${path}" is in it twice`);
    byPath.set(path, content);
  }
  const text = byPath.get(MANIFEST);
  if (!text) throw new BundleRefused(`it has no ${MANIFEST}: it is not a bundle of Station's`);
  const manifest = readManifest(json(text));
  if (typeof manifest === "string") throw new BundleRefused(manifest);
  mustBeSafe(manifest.files.map(({ path }) => path));
  const files = manifest.files.map(({ path, sha256: expected, size }) => {
    const content = byPath.get(path);
    if (!content) throw new BundleRefused(`"${path}" is in its manifest and not in it`);
    if (content.length !== size || sha256(content) !== expected)
      throw new BundleRefused(`"${path}" is not what the manifest says: its checksum is different`);
    return { path, bytes: content };
  });
  const listed = new Set([MANIFEST, SIGNATURE, ...manifest.files.map(({ path }) => path)]);
  const stray = entries.find(({ path }) => !listed.has(path));
  if (stray) throw new BundleRefused(`"${stray.path}" is in it and not in its manifest`);
  const signature = byPath.get(SIGNATURE);
  return { manifest, files, signedBy: signature ? signerOf(text, signature) : null };
}

/** Throws unless a bundle was signed with one of these keys; without any, whoever signed it is fine. */
export function mustBeTrusted({ signedBy }: Bundle, trusted: readonly string[]): void {
  if (trusted.length === 0) return;
  if (signedBy === null)
    throw new BundleRefused("it is not signed, and only signed bundles are trusted here");
  if (!trusted.includes(signedBy))
    throw new BundleRefused(`it is signed with ${signedBy}, which is not trusted here`);
}

/** What installing a bundle would do; throws `BundleRefused` where files would get into each other's way. */
export async function planInstall(bundle: Bundle, target: InstallTarget): Promise<InstallPlan> {
  const [present, installed] = await Promise.all([target.checksums(), target.installed()]);
  const before = installed.find(({ manifest }) => manifest.name === bundle.manifest.name);
  const plan = planOf(bundle.manifest, present, before?.manifest ?? null);
  const [collision] = plan.collisions;
  if (collision !== undefined)
    throw new BundleRefused(`${collision} differ in case alone, and would be one file on some systems`);
  return plan;
}

/** Writes a bundle's files into an environment and remembers what was installed. */
export async function installBundle(
  { manifest, files, signedBy }: Bundle,
  target: InstallTarget,
): Promise<void> {
  await target.install(files, { manifest, signedBy });
}

function mustBeSafe(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const problem = pathProblem(path);
    if (problem !== null) throw new BundleRefused(`"${path}" ${problem}`);
    const twin = seen.get(foldedPath(path));
    if (twin !== undefined)
      throw new BundleRefused(
        twin === path ? `"${path}" is in it twice` : `"${twin}" and "${path}" differ in case alone`,
      );
    seen.set(foldedPath(path), path);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function json(bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonValue;
  } catch (cause) {
    throw new BundleRefused(`its ${MANIFEST} is not JSON`, { cause });
  }
}
