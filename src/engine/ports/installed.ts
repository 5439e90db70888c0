import type { BundleManifest } from "../../core/bundle/manifest.ts";
import type { AdminEvent } from "./admin-events.ts";
import type { Once, Replay } from "./runs.ts";

/** Bundles that were installed over the API, the same for every process. */
export type InstalledBundles = {
  /** Changes with every install into the environment; 0 before the first. */
  revision(environment: string): Promise<number>;
  /** By name. */
  list(environment: string): Promise<readonly ServerBundle[]>;
  /** Every file of the environment's bundles, by path. */
  files(environment: string): Promise<readonly InstalledFile[]>;
  /**
   * Puts a bundle in place of the one of its name, with the event that tells of it, all or nothing. `stale` when
   * something else was installed since `revision`: nothing is kept.
   */
  install(
    change: BundleChange,
    event: AdminEvent,
    once: Once | null,
  ): Promise<"installed" | "stale" | Replay>;
};

/** A bundle of an environment as it was installed. */
export type ServerBundle = {
  readonly manifest: BundleManifest;
  /** SHA-256 (hex) of the archive it came in. */
  readonly digest: string;
  /** Fingerprint of the key it was signed with. */
  readonly signedBy: string | null;
  readonly installedAt: number;
  readonly installedBy: string;
};

export type InstalledFile = {
  /** Within the environment: `agents/pod-checker.prompt`. */
  readonly path: string;
  readonly bundle: string;
  readonly text: string;
  readonly sha256: string;
};

export type BundleChange = {
  readonly environment: string;
  readonly revision: number;
  readonly bundle: ServerBundle;
  readonly files: readonly Omit<InstalledFile, "bundle">[];
};
