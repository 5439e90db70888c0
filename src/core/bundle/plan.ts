import type { BundleManifest } from "./manifest.ts";
import { foldedPath } from "./paths.ts";

/** What installing a bundle would do to one file of an environment. */
export type PlannedChange = {
  readonly path: string;
  readonly change:
    | "adds"
    | "replaces"
    | "unchanged"
    /** Came with the version that is installed, is no longer in the bundle, and stays. */
    | "leaves"
    /** The same, where a bundle's files go with it. */
    | "removes";
  /** The file there is no longer what the bundle that brought it said. */
  readonly isEdited: boolean;
};

export type InstallPlan = {
  readonly changes: readonly PlannedChange[];
  /** Files there whose names differ from new ones by case alone. */
  readonly collisions: readonly string[];
};

/** What installing comes to; `present` are the checksums of the environment's files, `installed` what came before. */
export function planOf(
  manifest: BundleManifest,
  present: ReadonlyMap<string, string>,
  installed: BundleManifest | null,
  gone: "leaves" | "removes" = "leaves",
): InstallPlan {
  const before = new Map(installed?.files.map(({ path, sha256 }) => [path, sha256]));
  const folded = new Map([...present.keys()].map((path) => [foldedPath(path), path]));
  const coming = new Set(manifest.files.map(({ path }) => path));
  const changes = manifest.files.map(({ path, sha256 }): PlannedChange => {
    const there = present.get(path);
    if (there === undefined) return { path, change: "adds", isEdited: false };
    if (there === sha256) return { path, change: "unchanged", isEdited: false };
    return { path, change: "replaces", isEdited: before.get(path) !== there };
  });
  const left = [...before].flatMap(([path, sha256]): readonly PlannedChange[] => {
    const there = present.get(path);
    if (there === undefined || coming.has(path)) return [];
    return [{ path, change: gone, isEdited: there !== sha256 }];
  });
  const collisions = manifest.files.flatMap(({ path }) => {
    const there = folded.get(foldedPath(path));
    return there === undefined || there === path ? [] : [`${path} and ${there}`];
  });
  return { changes: [...changes, ...left], collisions };
}
