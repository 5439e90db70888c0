import type { BundleManifest } from "../../core/bundle/manifest.ts";

/** A file in an archive; paths are as they were written, checked by nobody. */
export type ArchiveEntry = { readonly path: string; readonly bytes: Uint8Array };

export type ArchiveLimits = {
  readonly entries: number;
  readonly entryBytes: number;
  readonly totalBytes: number;
};

/** Packs files into one archive and takes them out again. */
export type Archive = {
  /** The same entries in the same order are the same bytes, everywhere. */
  pack(entries: readonly ArchiveEntry[]): Promise<Uint8Array>;
  /** Rejects with `BundleRefused` for what is no archive, holds anything but plain files, or exceeds the limits. */
  unpack(bytes: Uint8Array, limits: ArchiveLimits): Promise<readonly ArchiveEntry[]>;
};

/** Where bundles are installed: the folder of one environment. */
export type InstallTarget = {
  /** SHA-256 (hex) of each of these files and of every file beside them, by path. */
  checksums(): Promise<ReadonlyMap<string, string>>;
  installed(): Promise<readonly InstalledBundle[]>;
  /** Writes every file, each at once, then the record. Repeating it completes what was interrupted. */
  install(files: readonly ArchiveEntry[], record: InstalledBundle): Promise<void>;
};

export type InstalledBundle = {
  readonly manifest: BundleManifest;
  /** Fingerprint of the key it was signed with. */
  readonly signedBy: string | null;
};
