import { isSameDefinition } from "../core/definition/canonical.ts";
import type { Definition } from "../core/definition/types.ts";
import type { EnvironmentFile, StoredWorkflow } from "./ports.ts";
import type { Checked } from "./publish-workflow.ts";

/**
 * How a workflow stands to its file: the same, the file says something else (the next sync takes it), gone, or not
 * to be taken. `none` for one that was created over the API.
 */
export type SyncState = "in-sync" | "file-newer" | "file-missing" | "invalid" | "none";

/** What `syncStateOf` must know of a file's text. */
export type CheckFile = (file: EnvironmentFile & { readonly text: string }) => Promise<Checked>;

/** Compares a workflow's current version with the file it came from. */
export async function syncStateOf(
  { id, origin, definition }: Pick<StoredWorkflow, "id" | "origin"> & { readonly definition: Definition },
  files: readonly EnvironmentFile[],
  check: CheckFile,
): Promise<SyncState> {
  if (origin === "api") return "none";
  const file = files.find(({ kind, path }) => kind === "workflow" && path === origin);
  if (!file) return "file-missing";
  if ("problem" in file) return "invalid";
  const checked = await check(file);
  if (!checked.definition || checked.errors.length > 0) return "invalid";
  if (checked.definition.id !== id) return "file-missing";
  return isSameDefinition(checked.definition, definition) ? "in-sync" : "file-newer";
}
